import type { OrderEvent } from '../entities/order-event.js';
import type { Order } from '../entities/order.js';
import type { SessionBookingEvent } from '../entities/booking-event.js';
import type { SessionBooking } from '../entities/session-booking.js';
import { bookingSource, type BookingStreamReads } from './booking-source.js';
import { orderSource, type OrderStreamReads } from './order-source.js';
import { StreamGate, type StreamLimits } from './stream-gate.js';
import { Streams, type StreamParts } from './streams.js';

/** What can be read of everything that is followed live. */
export interface LiveStreamReads {
  readonly orders: OrderStreamReads;
  readonly bookings: BookingStreamReads;
}

const NO_LIMITS: StreamLimits = { perViewer: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY };

/** All live streams of a process. */
export class LiveStreams {
  readonly orders: Streams<Order, OrderEvent>;
  readonly bookings: Streams<SessionBooking, SessionBookingEvent>;
  readonly #all: readonly Pick<Streams<never, never>, 'size' | 'block' | 'close'>[];

  /** @param limits of the open streams of all kinds together; without them there may be any number */
  constructor(reads: LiveStreamReads, shared: Omit<StreamParts, 'gate'>, limits: StreamLimits = NO_LIMITS) {
    const parts = { ...shared, gate: new StreamGate(limits) };
    this.orders = new Streams(orderSource(reads.orders), parts);
    this.bookings = new Streams(bookingSource(reads.bookings), parts);
    this.#all = [this.orders, this.bookings];
  }

  /** Number of open streams. */
  get size(): number {
    return this.#all.reduce((sum, { size }) => sum + size, 0);
  }

  /** Ends the streams of a user with ACCOUNT_BLOCKED. */
  block(userId: string): void {
    for (const streams of this.#all) streams.block(userId);
  }

  /** Ends all streams with SHUTDOWN. Resolves when all have ended, or after two seconds. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((streams) => streams.close()));
  }
}
