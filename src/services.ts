import type { MikroORM } from '@mikro-orm/postgresql';
import { createBookSession } from './commands/book-session.js';
import { createCancelOrder } from './commands/cancel-order.js';
import { createCancelPayment } from './commands/cancel-payment.js';
import { createCancelSessionBooking } from './commands/cancel-session-booking.js';
import { createConfirmPayment } from './commands/confirm-payment.js';
import type { Environment } from './commands/environment.js';
import { createReviewPayment } from './commands/payment/review-payment.js';
import { createPlaceOrder } from './commands/place-order.js';
import { createApproveRefund, createRejectRefund, createSettleRefund } from './commands/decide-refund.js';
import { createRequestRefund } from './commands/request-refund.js';
import { createRetrySaga } from './commands/retry-saga.js';
import { createRestoreOrder } from './commands/restore-order.js';
import { createJoinSessionWaitlist, createLeaveSessionWaitlist } from './commands/session-waitlist.js';
import { createStartPayment } from './commands/start-payment.js';
import type { AccountGate } from './commands/user/account-gate.js';
import { unlessBlocked } from './commands/user/unless-blocked.js';
import { createBookingLists } from './queries/booking-lists.js';
import { type BookingReads } from './queries/booking-reads.js';
import { createCourseSales } from './queries/course-sales.js';
import { createLiveSessions } from './queries/live-sessions.js';
import { createOrderLists } from './queries/order-lists.js';
import { createOperatorLists } from './queries/operators.js';
import { createSuspiciousPayments } from './queries/payment/suspicious-payments.js';
import { createRevenue } from './queries/revenue.js';
import { createOwnership } from './queries/ownership.js';
import { createLoaders } from './resolvers/loaders.js';
import type { Services } from './schema/context.js';
import type { LiveStreams } from './subscriptions/live-streams.js';

/** The commands and queries that resolvers and gRPC work with. A blocked user can use none of the commands. */
export function createServices(
  env: Environment,
  orm: MikroORM,
  gate: AccountGate,
  { reads, bookingReads }: { readonly reads: Services['reads']; readonly bookingReads: BookingReads },
  streams: LiveStreams,
): Services {
  const lists = createOrderLists(env.fork, reads);
  const ownership = createOwnership(env.fork, reads);
  const sessions = createLiveSessions(env.fork, env.neighbours.sessions);
  const bookingLists = createBookingLists(env.fork, bookingReads);
  const courseSales = createCourseSales(env.fork, env.neighbours.courses);
  const sources = { reads, lists, ownership, courseSales, sessions, bookingReads, bookingLists };
  return {
    placeOrder: unlessBlocked(gate, createPlaceOrder(env)),
    startPayment: unlessBlocked(gate, createStartPayment(env)),
    confirmPayment: unlessBlocked(gate, createConfirmPayment(env)),
    cancelPayment: unlessBlocked(gate, createCancelPayment(env)),
    cancelOrder: unlessBlocked(gate, createCancelOrder(env)),
    restoreOrder: unlessBlocked(gate, createRestoreOrder(env)),
    requestRefund: unlessBlocked(gate, createRequestRefund(env)),
    approveRefund: unlessBlocked(gate, createApproveRefund(env)),
    rejectRefund: unlessBlocked(gate, createRejectRefund(env)),
    settleRefund: unlessBlocked(gate, createSettleRefund(env)),
    retrySaga: unlessBlocked(gate, createRetrySaga(env)),
    bookSession: unlessBlocked(gate, createBookSession(env)),
    cancelSessionBooking: unlessBlocked(gate, createCancelSessionBooking(env)),
    joinSessionWaitlist: unlessBlocked(gate, createJoinSessionWaitlist(env)),
    leaveSessionWaitlist: unlessBlocked(gate, createLeaveSessionWaitlist(env)),
    operatorLists: createOperatorLists(orm, env.fork),
    suspiciousPayments: createSuspiciousPayments(orm, env.fork),
    reviewPayment: unlessBlocked(gate, createReviewPayment(env)),
    revenue: createRevenue(env.fork),
    reads,
    lists,
    ownership,
    sessions,
    streams,
    mayFollow: (userId) => gate.mayAct(userId),
    policies: env.policies,
    clock: env.clock,
    newLoaders: (viewer) => createLoaders(sources, viewer),
  };
}
