import { eventually } from '../../support/eventually.js';
import type { Graph } from '../support/graph.js';
import type { Product } from '../support/product.js';
import { START } from '../support/purchase-steps.js';

export const BOOKING = `id sessionId attendeeId status statusReason statusNote version title bookedAt confirmedAt cancelledAt
  holdExpiresAt price { amount currency } session { id title remaining waitlistLength }
  order { id status statusReason expiresAt refunds { id status reason amount { amount } } }
  availableActions { name allowed blockedReason }`;
const SESSION = `id title capacity remaining waitlistLength viewerWaitlistPosition viewerBooking { id status }`;
const REFUSALS = `... on SessionUnavailable { sessionReason session { id } } ... on AlreadyBooked { booking { id } }
  ... on InvalidInput { fields { path } } ... on NotFound { id } ... on UserError { code }`;

export const BOOK = `mutation ($input: BookSessionInput!) { bookSession(input: $input) { __typename
  ... on BookSessionSuccess { replayed booking { ${BOOKING} } } ... on SessionFull { session { ${SESSION} } }
  ... on IdempotencyConflict { key } ... on ServiceUnavailable { service } ${REFUSALS} } }`;

export const CANCEL_BOOKING = `mutation ($input: CancelSessionBookingInput!) { cancelSessionBooking(input: $input) { __typename
  ... on CancelSessionBookingSuccess { booking { ${BOOKING} } } ... on BookingActionNotAllowed { reason booking { id status } }
  ... on BookingVersionConflict { booking { version } } ... on InvalidInput { fields { path } } ... on UserError { code } } }`;

export const JOIN = `mutation ($input: JoinSessionWaitlistInput!) { joinSessionWaitlist(input: $input) { __typename
  ... on JoinSessionWaitlistSuccess { position session { ${SESSION} } } ... on SeatsAvailable { session { remaining } }
  ... on ServiceUnavailable { service } ${REFUSALS} } }`;

export const LEAVE = `mutation ($input: LeaveSessionWaitlistInput!) { leaveSessionWaitlist(input: $input) { __typename
  ... on LeaveSessionWaitlistSuccess { session { ${SESSION} } } ... on InvalidInput { fields { path } } ... on UserError { code } } }`;

export const SHOW_BOOKING = `query ($id: ID!) { sessionBooking(id: $id) { ${BOOKING} } }`;
export const SHOW_SESSION = `query ($id: ID!) { session(id: $id) { ${SESSION} } }`;

const CHANGE = `version from to reason snapshot cursor ends booking { id status version }`;
export const FOLLOW_BOOKING = `subscription ($id: ID!, $after: Int) { sessionBookingStatusChanged(bookingId: $id, afterVersion: $after) { ${CHANGE} } }`;
export const FOLLOW_OWN = `subscription ($after: String) { mySessionBookingsChanged(after: $after) { ${CHANGE} } }`;

/** What a test reads of a booking. */
export type Booking = ReturnType<typeof JSON.parse>;

/** Books a seat; the answer is the booking. */
export async function book(graph: Graph, sessionId: string): Promise<Booking> {
  const answer = await graph.ask(BOOK, { input: { sessionId } });
  const { booking } = answer.data.bookSession;
  if (!booking) throw new Error(JSON.stringify(answer));
  return booking;
}

/** What came of the wish for a seat, success or not. */
export const tryToBook = async (graph: Graph, sessionId: string, idempotencyKey?: string) =>
  (await graph.ask(BOOK, { input: { sessionId, idempotencyKey } })).data.bookSession;

export const join = async (graph: Graph, sessionId: string) =>
  (await graph.ask(JOIN, { input: { sessionId } })).data.joinSessionWaitlist;

export const leave = async (graph: Graph, sessionId: string) =>
  (await graph.ask(LEAVE, { input: { sessionId } })).data.leaveSessionWaitlist;

export const cancel = async (graph: Graph, bookingId: string, more: object = {}) =>
  (await graph.ask(CANCEL_BOOKING, { input: { bookingId, ...more } })).data.cancelSessionBooking;

export const bookingOf = async (graph: Graph, id: string): Promise<Booking> =>
  (await graph.ask(SHOW_BOOKING, { id })).data.sessionBooking;

/** A session as somebody sees it. */
export const sessionOf = async (graph: Graph, id: string) => (await graph.ask(SHOW_SESSION, { id })).data.session;

/** The booking as soon as it has a status. */
export const untilBooking = (graph: Graph, id: string, status: string): Promise<Booking> =>
  eventually(
    () => bookingOf(graph, id),
    (booking) => booking.status === status,
  );

/** Somebody's booking of a session that they did not make by a call: given to them from the line. */
export const untilSeated = (graph: Graph, sessionId: string): Promise<Booking> =>
  eventually(async () => {
    const { viewerBooking } = await sessionOf(graph, sessionId);
    return viewerBooking && bookingOf(graph, viewerBooking.id);
  });

/** Starts a payment of an order. @returns its session at the payment page */
export async function startPaying(graph: Graph, orderId: string): Promise<string> {
  const answer = await graph.ask(START, { input: { orderId, provider: 'STRIPE' } });
  const { session } = answer.data.startPayment;
  if (!session) throw new Error(JSON.stringify(answer));
  return session.sessionId;
}

/** Books a priced seat and pays for it. @returns the booking, confirmed */
export async function bookAndPay(product: Product, graph: Graph, sessionId: string): Promise<Booking> {
  const { id, order } = await book(graph, sessionId);
  await product.press('approve', await startPaying(graph, order.id));
  return untilBooking(graph, id, 'CONFIRMED');
}
