import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createCancelOrder, type CancelOrder } from '../../../src/commands/cancel-order.js';
import {
  createCancelSessionBooking,
  type CancelSessionBookingOutcome,
} from '../../../src/commands/cancel-session-booking.js';
import { expireDueOrders } from '../../../src/commands/expire-orders.js';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { recordRefunds } from '../../../src/commands/record-refunds.js';
import { createRequestRefund, type RequestRefund } from '../../../src/commands/request-refund.js';
import { createRestoreOrder, type RestoreOrder } from '../../../src/commands/restore-order.js';
import { createJoinSessionWaitlist, createLeaveSessionWaitlist } from '../../../src/commands/session-waitlist.js';
import { Money } from '../../../src/entities/money.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { SagaKind } from '../../../src/entities/saga.js';
import type { SessionBooking } from '../../../src/entities/session-booking.js';
import type { LiveSession } from '../../../src/entities/session.js';
import { noticeMessages } from '../../../src/messaging/notices/notice-messages.js';
import { askForRefund } from '../../../src/messaging/order-messages.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { NoticeSender } from '../../../src/saga/notices.js';
import { createPaymentSaga } from '../../../src/saga/payment.js';
import { createRefundSaga } from '../../../src/saga/refund.js';
import { SagaRunner } from '../../../src/saga/runner.js';
import { createBookingSaga } from '../../../src/saga/session-booking.js';
import { SessionWatch } from '../../../src/saga/session-watch.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { present } from '../../support/present.js';

export const FREE = new Money(0n, 'INR');
export const PRICE = new Money(19_900n, 'INR');
export const HOUR = 3_600_000;

/** What people do about sessions, by one process of the service. */
export function sessionCommands({ env, fork, bookSession }: TestProcess) {
  const cancelBooking = createCancelSessionBooking(env);
  const handlers = {
    [SagaKind.PAYMENT]: createPaymentSaga(env),
    [SagaKind.REFUND]: createRefundSaga(env, askForRefund),
    [SagaKind.SESSION_BOOKING]: createBookingSaga(env),
  };
  const runner = new SagaRunner(fork, handlers, env.clock, createMetrics(), testLog());
  const watch = new SessionWatch(env);
  const notices = new NoticeSender(env, (notice, now) => noticeMessages(notice, ['email', 'in-app'], now));
  const join = createJoinSessionWaitlist(env);
  const leave = createLeaveSessionWaitlist(env);
  const cancelOrder: CancelOrder = createCancelOrder(env);
  const restoreOrder: RestoreOrder = createRestoreOrder(env);
  const requestRefund: RequestRefund = createRequestRefund(env);
  const as = (name: string) => ({ userId: idOf(name), isOperator: name === 'operator' });
  return {
    book: (name: string, sessionId: string, idempotencyKey: string | null = null) =>
      bookSession(idOf(name), { sessionId, idempotencyKey }),
    cancel: (name: string, bookingId: string, expectedVersion: number | null = null) =>
      cancelBooking(as(name), { bookingId, note: null, expectedVersion }) as Promise<CancelSessionBookingOutcome>,
    join: (name: string, sessionId: string) => join(idOf(name), sessionId),
    leave: (name: string, sessionId: string) => leave(idOf(name), sessionId),
    cancelOrder: (name: string, orderId: string) =>
      cancelOrder(as(name), { orderId, note: null, expectedVersion: null }),
    restore: (name: string, orderId: string) =>
      restoreOrder(as(name), { orderId, couponCode: null, expectedVersion: null }),
    requestRefund: (name: string, orderId: string) =>
      requestRefund(as(name), { orderId, itemIds: null, note: null, idempotencyKey: null }),
    /** Takes in news of a payment; each payment of an order has one. */
    tell: (orderId: string, kind: PaymentFactKind, payment = 'first') => {
      const fact = paymentFact(kind, `${payment} of ${orderId}`, env.clock.now());
      return recordPayments(env, [{ orderId, fact, inbox: { topic: kind, eventKey: fact.paymentId } }]);
    },
    expire: () => expireDueOrders(env, 100, true),
    watch: () => watch.watchDue(),
    sendNotices: () => notices.sendSome(),
    /** Runs sagas until none is due. */
    async runSagas() {
      const due = `select count(*)::int as n from sagas where due_at <= ? and stuck_since is null`;
      for (let left = 1; left > 0;) {
        await runner.runDue();
        left = (await fork().execute<{ n: number }[]>(due, [env.clock.now()]))[0]?.n ?? 0;
      }
    },
  };
}

/** A stand for everything about sessions, shared by the tests of a file, each with sessions of its own. */
export function sessionStand(settings: Readonly<Record<string, string>> = {}) {
  let stand: OrderStand;
  let commands: ReturnType<typeof sessionCommands>;
  let count = 0;
  beforeAll(async () => {
    stand = await openOrderStand(settings);
    commands = sessionCommands(stand);
  });
  afterAll(() => stand.close());
  beforeEach(() => {
    stand.neighbours.down.clear();
    stand.neighbours.blocked.clear();
  });

  const bookings = (where: string, value: string) =>
    stand.sql<Record<string, unknown>>(
      `select id, status, status_reason as reason, order_id, version from session_bookings where ${where} = $1
       order by booked_at, id`,
      [value],
    );
  return {
    get stand() {
      return stand;
    },
    get do() {
      return commands;
    },
    /** A session of a name of its own; 2 seats for 199 rupees in 10 days unless said otherwise. */
    session(changes: Partial<LiveSession> = {}): string {
      const now = stand.clock.now().getTime();
      const times = { startsAt: new Date(now + 240 * HOUR), endsAt: new Date(now + 241 * HOUR) };
      return stand.neighbours.addSession(`session ${count++}`, { ...times, ...changes });
    },
    /** Changes what the session service tells. */
    change: (sessionId: string, changes: Partial<LiveSession>) =>
      stand.neighbours.liveSessions.set(sessionId, {
        ...present(stand.neighbours.liveSessions.get(sessionId)),
        ...changes,
      }),
    /** Books a seat. @throws Error when it was refused */
    async booked(name: string, sessionId: string): Promise<SessionBooking> {
      const outcome = await commands.book(name, sessionId);
      if (!('replayed' in outcome)) throw new Error(`refused: ${outcome.message}`);
      return outcome.booking;
    },
    /** Books a priced seat and pays for it. */
    async paid(name: string, sessionId: string): Promise<SessionBooking & { readonly orderId: string }> {
      const booking = await this.booked(name, sessionId);
      const orderId = present(booking.orderId);
      await commands.tell(orderId, 'succeeded');
      return Object.assign(booking, { orderId });
    },
    async seats(sessionId: string) {
      const rows = await stand.sql<{ taken: number; waiting: number }>(
        'select taken, waiting from session_seats where session_id = $1',
        [sessionId],
      );
      return rows[0];
    },
    bookingsOf: (name: string) => bookings('attendee_id', idOf(name)),
    bookingsIn: (sessionId: string) => bookings('session_id', sessionId),
    async status(bookingId: string) {
      return (await bookings('id', bookingId))[0];
    },
    order: (orderId: string): Promise<Order> => stand.load(orderId),
    async line(sessionId: string) {
      const rows = await stand.sql<{ attendee_id: string }>(
        'select attendee_id from session_waitlist where session_id = $1 order by place',
        [sessionId],
      );
      return rows.map((row) => row.attendee_id);
    },
    refunds: (orderId: string) =>
      stand.sql<Record<string, unknown>>(
        'select reason, status, amount_minor::int as amount from order_refunds where order_id = $1 order by requested_at',
        [orderId],
      ),
    /** The kinds of the notices that wait to be sent to people with bookings of a session. */
    async notices(sessionId: string) {
      const rows = await stand.sql<{ kind: string }>(
        `select notice.kind from notices notice join session_bookings booking on booking.id = notice.booking_id
         where booking.session_id = $1 order by notice.created_at, notice.id`,
        [sessionId],
      );
      return rows.map(({ kind }) => kind);
    },
    /** The payment service says that it has given the first payment of an order back. */
    settle: (orderId: string) => {
      const paymentId = `first of ${orderId}`;
      const inbox = { topic: 'payment.order.refunded.v1', eventKey: `refund of ${orderId}` };
      const fixed = { refundId: null, amount: null, succeeded: true, eventId: idOf(`refund of ${orderId}`) };
      return recordRefunds(stand.env, [{ orderId, paymentId, inbox, ...fixed }]);
    },
    async deadlocks() {
      const rows = await stand.sql<{ n: number }>(
        'select deadlocks::int as n from pg_stat_database where datname = current_database()',
      );
      return present(rows[0]).n;
    },
  };
}
