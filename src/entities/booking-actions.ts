import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { SessionBookingStatus } from './booking-status.js';
import { BlockedReason, blockedReason, OrderActionName, type ActionFacts } from './order-actions.js';
import type { Order } from './order.js';
import { isCancellationClosed } from './seat-window.js';
import type { SessionBooking } from './session-booking.js';

export enum SessionBookingActionName {
  PAY = 'PAY',
  CANCEL = 'CANCEL',
}
registerEnumType(SessionBookingActionName, {
  name: 'SessionBookingActionName',
  description: 'What can be done with a booking.',
  valuesConfig: {
    PAY: { description: 'startPayment of its order.' },
    CANCEL: { description: 'cancelSessionBooking.' },
  },
});

/** One action and whether it can be done now. */
@ObjectType({ description: 'Something that can be done with a booking, or why not.' })
export class SessionBookingAction {
  @Field(() => SessionBookingActionName, { description: 'What.' })
  name!: SessionBookingActionName;

  @Field(() => Boolean, { description: 'Whether it can be done now.' })
  allowed!: boolean;

  @Field(() => BlockedReason, { nullable: true, description: 'Why not.' })
  blockedReason!: BlockedReason | null;
}

/** Who asks, and what the answer depends on beside the booking itself. */
export interface BookingFacts {
  readonly isOwner: boolean;
  readonly isOperator: boolean;
  /** When the session begins; null where the session service does not tell. */
  readonly startsAt: Date | null;
  /** How long before its session a confirmed seat may be given up by its attendee, ms. */
  readonly cancellationMs: number;
  /** The booking's order, and what its own actions depend on; null for a free session. */
  readonly order: { readonly order: Order; readonly facts: ActionFacts } | null;
  readonly now: Date;
}

type Rule = (booking: SessionBooking, facts: BookingFacts) => BlockedReason | null;

const rules: Readonly<Record<SessionBookingActionName, Rule>> = {
  PAY({ status }, { isOwner, order }) {
    if (!isOwner) return BlockedReason.NOT_OWNER;
    if (!order) return BlockedReason.NOT_PRICED;
    if (status !== SessionBookingStatus.PENDING) return BlockedReason.WRONG_STATUS;
    return blockedReason(OrderActionName.PAY, order.order, order.facts);
  },
  CANCEL({ status }, facts) {
    const { isOwner, isOperator, order } = facts;
    if (!isOwner && !isOperator) return BlockedReason.NOT_OWNER;
    if (status === SessionBookingStatus.PENDING)
      return order && blockedReason(OrderActionName.CANCEL, order.order, order.facts);
    if (status !== SessionBookingStatus.CONFIRMED) return BlockedReason.WRONG_STATUS;
    return !isOperator && isCancellationClosed(facts) ? BlockedReason.CANCELLATION_WINDOW_CLOSED : null;
  },
};

/** Why an action cannot be done now, or null when it can. The mutations refuse by this same function. */
export function bookingBlockedReason(
  name: SessionBookingActionName,
  booking: SessionBooking,
  facts: BookingFacts,
): BlockedReason | null {
  return rules[name](booking, facts);
}

/** All actions of a booking, allowed or not. */
export function bookingActions(booking: SessionBooking, facts: BookingFacts): SessionBookingAction[] {
  return Object.values(SessionBookingActionName).map((name) => {
    const reason = bookingBlockedReason(name, booking, facts);
    return Object.assign(new SessionBookingAction(), { name, allowed: reason === null, blockedReason: reason });
  });
}
