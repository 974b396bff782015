import { bookingMessageOf } from './messaging/booking-messages.js';
import { messagesOf } from './messaging/order-messages.js';
import { BookingRecorder, type BookingCommitListener, type SeatsFreed } from './persistence/booking-recorder.js';
import { EventRecorder, type CommitListener } from './persistence/event-recorder.js';

/**
 * What writes the records of orders and bookings. They are part of the unit of work that everything else is made of: what
 * they call is made after them, and set here.
 */
export interface Recorders {
  readonly all: readonly [EventRecorder, BookingRecorder];
  ordersCommitted: CommitListener;
  bookingsCommitted: BookingCommitListener;
  seatsFreed: SeatsFreed;
}

export function createRecorders(): Recorders {
  const recorders: Recorders = {
    all: [
      new EventRecorder(messagesOf, (orders) => recorders.ordersCommitted(orders)),
      new BookingRecorder(
        bookingMessageOf,
        (em, freed) => recorders.seatsFreed(em, freed),
        (bookings) => recorders.bookingsCommitted(bookings),
      ),
    ],
    ordersCommitted: () => undefined,
    bookingsCommitted: () => undefined,
    seatsFreed: () => Promise.reject(new Error('nobody counts the seats that are given back')),
  };
  return recorders;
}
