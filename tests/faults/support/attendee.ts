import { Caller, insist, type Who } from './caller.js';
import type { Replica } from './replica.js';
import type { Site } from './site.js';

const BOOKING = 'id status order { id }';
const ERROR = '... on UserError { code }';
const QUERIES = {
  book: `mutation ($input: BookSessionInput!) { call: bookSession(input: $input) {
    ... on BookSessionSuccess { booking { ${BOOKING} } } ${ERROR} } }`,
  cancel: `mutation ($input: CancelSessionBookingInput!) { call: cancelSessionBooking(input: $input) {
    ... on CancelSessionBookingSuccess { booking { ${BOOKING} } } ${ERROR} } }`,
  join: `mutation ($input: JoinSessionWaitlistInput!) { call: joinSessionWaitlist(input: $input) {
    ... on JoinSessionWaitlistSuccess { position } ${ERROR} } }`,
  leave: `mutation ($input: LeaveSessionWaitlistInput!) { call: leaveSessionWaitlist(input: $input) {
    ... on LeaveSessionWaitlistSuccess { session { id } } ${ERROR} } }`,
  start: `mutation ($input: StartPaymentInput!) { call: startPayment(input: $input) {
    ... on StartPaymentSuccess { session { ... on StripeSession { sessionId } } } ${ERROR} } }`,
  seat: `query ($id: ID!) { session(id: $id) { viewerBooking { ${BOOKING} } } }`,
};

/** A booking as its attendee sees it. */
export interface Seat {
  readonly id: string;
  readonly status: 'PENDING' | 'CONFIRMED' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED';
  /** Null in a free session. */
  readonly order: { readonly id: string } | null;
}

interface Answer {
  readonly code?: string;
  readonly booking?: Seat;
  readonly session?: { readonly sessionId: string };
}

export interface AttendeeOptions extends Who {
  readonly sessionId: string;
}

/** Somebody who wants a seat in one session, and repeats every step until it is answered, be it by a refusal. */
export class Attendee {
  readonly #caller: Caller;
  readonly #pageUrl: string;
  readonly #userId: string;
  readonly #sessionId: string;

  constructor({ neighbours }: Site, replicas: readonly Replica[], who: AttendeeOptions) {
    this.#caller = new Caller(replicas, who);
    this.#pageUrl = neighbours.pageUrl;
    this.#userId = who.userId;
    this.#sessionId = who.sessionId;
  }

  /** @returns the seat; undefined where none was free */
  async book(): Promise<Seat | undefined> {
    const input = { sessionId: this.#sessionId, idempotencyKey: `${this.#userId}-${this.#sessionId}` };
    return (await this.#insistOn(QUERIES.book, input)).booking;
  }

  async cancel({ id: bookingId }: Seat): Promise<void> {
    await this.#insistOn(QUERIES.cancel, { bookingId });
  }

  async join(): Promise<void> {
    await this.#insistOn(QUERIES.join, { sessionId: this.#sessionId });
  }

  async leave(): Promise<void> {
    await this.#insistOn(QUERIES.leave, { sessionId: this.#sessionId });
  }

  /** Starts a payment without paying. @returns its session on the payment page; undefined where the seat cannot be paid */
  async openPayment({ order }: Seat): Promise<string | undefined> {
    if (!order) return undefined;
    return (await this.#insistOn(QUERIES.start, { orderId: order.id, provider: 'STRIPE' })).session?.sessionId;
  }

  /** Presses a button of the payment page. */
  async press(session: string, button: 'approve' | 'decline'): Promise<void> {
    await fetch(`${this.#pageUrl}/pay/${session}/${button}`, { method: 'POST' });
  }

  /** The attendee's live booking of the session, else the newest; none of a session that was cancelled. */
  seat(): Promise<Seat | null> {
    return insist(async () => {
      const { session } = await this.#caller.ask<{ session: { viewerBooking: Seat | null } | null }>(QUERIES.seat, {
        id: this.#sessionId,
      });
      return session?.viewerBooking ?? null;
    });
  }

  #insistOn(query: string, input: object): Promise<Answer> {
    return insist(async () => (await this.#caller.ask<{ call: Answer }>(query, { input })).call);
  }
}
