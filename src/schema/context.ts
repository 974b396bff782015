import type { Identity, Viewer } from '../auth/viewer.js';
import type { BookSession } from '../commands/book-session.js';
import type { CancelOrder } from '../commands/cancel-order.js';
import type { CancelSessionBooking } from '../commands/cancel-session-booking.js';
import type { DecideRefund, SettleRefund } from '../commands/decide-refund.js';
import type { RequestRefund } from '../commands/request-refund.js';
import type { RetrySaga } from '../commands/retry-saga.js';
import type { RestoreOrder } from '../commands/restore-order.js';
import type { CancelPayment } from '../commands/cancel-payment.js';
import type { ConfirmPayment } from '../commands/confirm-payment.js';
import type { ReviewPayment } from '../commands/payment/review-payment.js';
import type { PlaceOrder } from '../commands/place-order.js';
import type { JoinSessionWaitlist, LeaveSessionWaitlist } from '../commands/session-waitlist.js';
import type { StartPayment } from '../commands/start-payment.js';
import type { Clock } from '../observability/clock.js';
import type { Policies } from '../policies/policies.js';
import type { LiveSessions } from '../queries/live-sessions.js';
import type { OperatorLists } from '../queries/operators.js';
import type { SuspiciousPayments } from '../queries/payment/suspicious-payments.js';
import type { Revenue } from '../queries/revenue.js';
import type { OrderLists } from '../queries/order-lists.js';
import type { OrderReads } from '../queries/order-reads.js';
import type { Ownership } from '../queries/ownership.js';
import type { Loaders } from '../resolvers/loaders.js';
import type { LiveStreams } from '../subscriptions/live-streams.js';
import { forbidden, unauthenticated, unverifiable } from './errors.js';
import { NOTHING_SELECTED, type SelectedParts } from './shared/selected-parts.js';

/** What resolvers work with, made once. */
export interface Services {
  readonly placeOrder: PlaceOrder;
  readonly startPayment: StartPayment;
  readonly confirmPayment: ConfirmPayment;
  readonly cancelPayment: CancelPayment;
  readonly cancelOrder: CancelOrder;
  readonly restoreOrder: RestoreOrder;
  readonly requestRefund: RequestRefund;
  readonly approveRefund: DecideRefund;
  readonly rejectRefund: DecideRefund;
  readonly settleRefund: SettleRefund;
  readonly retrySaga: RetrySaga;
  readonly bookSession: BookSession;
  readonly cancelSessionBooking: CancelSessionBooking;
  readonly joinSessionWaitlist: JoinSessionWaitlist;
  readonly leaveSessionWaitlist: LeaveSessionWaitlist;
  readonly operatorLists: OperatorLists;
  readonly suspiciousPayments: SuspiciousPayments;
  readonly reviewPayment: ReviewPayment;
  readonly revenue: Revenue;
  readonly reads: OrderReads;
  readonly lists: OrderLists;
  readonly ownership: Ownership;
  readonly sessions: LiveSessions;
  readonly streams: LiveStreams;
  /** Whether a user may act: a blocked one is asked about at the user service now and then. */
  readonly mayFollow: (userId: string) => Promise<boolean>;
  readonly policies: Policies;
  readonly clock: Clock;
  /** Loaders for one operation, or one event of a subscription. */
  readonly newLoaders: (viewer: Viewer | null) => Loaders;
}

/** What belongs to one operation. */
export class Context {
  loaders: Loaders;
  private selected: SelectedParts = NOTHING_SELECTED;

  constructor(
    readonly services: Services,
    readonly identity: Identity,
    /** The header that stands in for an absent idempotencyKey. */
    readonly idempotencyKey: string | null,
    readonly correlationId: string,
  ) {
    this.loaders = services.newLoaders(this.verified());
  }

  /** Not a #private method: Apollo Server hands a copy of the context to resolvers. */
  private verified(): Viewer | null {
    return this.identity.is === 'viewer' ? this.identity.viewer : null;
  }

  /**
   * The viewer, or null without a token.
   * @throws UNAUTHENTICATED for a token that does not count, SERVICE_UNAVAILABLE for one that cannot be verified now
   */
  get viewer(): Viewer | null {
    if (this.identity.is === 'invalid') throw unauthenticated('The access token is expired or not valid.');
    if (this.identity.is === 'unverifiable') throw unverifiable();
    return this.verified();
  }

  /** @throws UNAUTHENTICATED without a token that counts */
  requireViewer(): Viewer {
    const viewer = this.viewer;
    if (!viewer) throw unauthenticated();
    return viewer;
  }

  /** @throws UNAUTHENTICATED, or FORBIDDEN for everyone but operators */
  requireOperator(): Viewer {
    const viewer = this.requireViewer();
    if (!viewer.isOperator) throw forbidden();
    return viewer;
  }

  /** Says what the operation may show of orders, before anything is read. */
  plan(selected: SelectedParts): void {
    this.selected = selected;
    this.loaders.snapshots.plan(selected);
  }

  /** Forgets what was loaded: every event of a subscription, and every mutation of an operation, shows the present state. */
  renewLoaders(): void {
    this.loaders = this.services.newLoaders(this.verified());
    this.loaders.snapshots.plan(this.selected);
  }
}
