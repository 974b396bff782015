import { randomUUID } from 'node:crypto';
import type { SampleUser } from '../sample/sample-data.js';
import { approve, inTime, say, signIn, startPayment } from './front-end.js';
import {
  BOOK_SESSION,
  CANCEL_SESSION_BOOKING,
  JOIN_SESSION_WAITLIST,
  LEAVE_SESSION_WAITLIST,
  SESSION,
  SESSION_BOOKING_STATUS_CHANGED,
} from './session-operations.js';

/** A booking, as far as the story tells of it. */
export interface Booking {
  readonly id: string;
  readonly status: string;
  readonly holdExpiresAt: string | null;
  readonly order: { readonly id: string; readonly status: string } | null;
}

/** An amount in minor units. */
export interface Amount {
  readonly amount: number;
  readonly currency: string;
  readonly decimalPlaces: number;
}

/** A session as one attendee sees it. */
export interface SeenSession {
  readonly remaining: number;
  readonly waitlistLength: number;
  readonly viewerBooking: Booking | null;
}

interface Refused {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
}
interface Cancelled {
  readonly status: string;
  readonly order: { readonly refunds: readonly { readonly status: string; readonly amount: Amount }[] } | null;
}
interface Change {
  readonly sessionBookingStatusChanged: {
    readonly version: number;
    readonly to: string;
    readonly ends: string | null;
  };
}

const refusal = ({ __typename, message }: Refused) => new Error(`${__typename}: ${message}`);

/** Somebody at a front end who wants a seat of one session. */
export async function createAttendee(user: SampleUser, sessionId: string) {
  const graph = await signIn(user);
  const input = { sessionId };

  const look = async () => (await graph.run<{ session: SeenSession }>(SESSION, { id: sessionId })).session;

  async function tryToBook() {
    const asked = { input: { ...input, idempotencyKey: randomUUID() } };
    const { bookSession } = await graph.run<{ bookSession: Refused & { booking?: Booking } }>(BOOK_SESSION, asked);
    return bookSession;
  }

  async function book(): Promise<Booking> {
    const answer = await tryToBook();
    if (!answer.booking) throw refusal(answer);
    return answer.booking;
  }

  async function wait(): Promise<number> {
    const { joinSessionWaitlist: joined } = await graph.run<{ joinSessionWaitlist: Refused & { position?: number } }>(
      JOIN_SESSION_WAITLIST,
      { input },
    );
    if (joined.position === undefined) throw refusal(joined);
    return joined.position;
  }

  async function cancel(bookingId: string): Promise<Cancelled> {
    const { cancelSessionBooking: answer } = await graph.run<{
      cancelSessionBooking: Refused & { booking?: Cancelled };
    }>(CANCEL_SESSION_BOOKING, { input: { bookingId } });
    if (!answer.booking) throw refusal(answer);
    return answer.booking;
  }

  /** Prints what happens to a booking until it has a status. */
  async function followTo(status: string, bookingId: string): Promise<void> {
    for await (const { sessionBookingStatusChanged: change } of graph.follow<Change>(SESSION_BOOKING_STATUS_CHANGED, {
      bookingId,
    })) {
      say(`   live: ${user.name}’s booking, version ${change.version}, ${change.to}`);
      if (change.to === status || change.ends) return;
    }
  }

  return {
    name: user.name,
    look,
    tryToBook,
    book,
    wait,
    cancel,
    /** Pays for a seat and sees how it is confirmed. */
    async pay({ id, order }: Booking): Promise<void> {
      if (!order) throw new Error('a free seat is not paid');
      const confirmed = inTime('the seat was not confirmed', followTo('CONFIRMED', id));
      await Promise.all([confirmed, startPayment(graph, order.id).then(approve)]);
    },
    /** Gives back what an earlier run has left. */
    async giveBack(): Promise<void> {
      await graph.run(LEAVE_SESSION_WAITLIST, { input });
      const { viewerBooking: left } = await look();
      if (left && ['PENDING', 'CONFIRMED'].includes(left.status)) await cancel(left.id);
    },
    close: () => graph.close(),
  };
}

export type Attendee = Awaited<ReturnType<typeof createAttendee>>;
