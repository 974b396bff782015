import { ChangeSetType, type EventSubscriber, type FlushEventArgs, type TransactionEventArgs } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { SessionBookingEvent } from '../entities/booking-event.js';
import { SessionBooking, type RecordedBookingEvent } from '../entities/session-booking.js';
import { NoticeRow } from './notice-row.js';
import { aboutBooking, outboxRow, type OutboxMessage, type OutgoingMessage } from './outbox-message.js';
import { Written } from './written.js';

/** Which message an event of a booking makes. Pure. */
export type BookingMessageMapper = (
  booking: SessionBooking,
  event: RecordedBookingEvent,
  correlationId: string | null,
) => OutgoingMessage;

/** Told after commit which bookings changed. */
export type BookingCommitListener = (bookings: readonly { id: string; attendeeId: string; version: number }[]) => void;

/** Counts seats that bookings have given back, by session, in the transaction; may book for who waits. */
export type SeatsFreed = (em: EntityManager, freed: ReadonlyMap<string, number>) => Promise<void>;

/**
 * Carries out what bookings have recorded in the flush that writes them: before it the freed seats are counted and given to
 * who waits, with it events, messages and notices are written; after the commit the listener is told.
 */
export class BookingRecorder implements EventSubscriber {
  readonly #messageOf: BookingMessageMapper;
  readonly #seatsFreed: SeatsFreed;
  readonly #onCommit: BookingCommitListener;
  readonly #written = new Written<SessionBooking>();

  constructor(messageOf: BookingMessageMapper, seatsFreed: SeatsFreed, onCommit: BookingCommitListener) {
    this.#messageOf = messageOf;
    this.#seatsFreed = seatsFreed;
    this.#onCommit = onCommit;
  }

  async beforeFlush({ em, uow }: FlushEventArgs): Promise<void> {
    const freed = new Map<string, number>();
    for (const entity of uow.getIdentityMap().values()) {
      if (!(entity instanceof SessionBooking) || !entity.freesSeat) continue;
      entity.freesSeat = undefined;
      freed.set(entity.sessionId, (freed.get(entity.sessionId) ?? 0) + 1);
    }
    if (freed.size === 0) return;
    if (!em.isInTransaction()) throw new Error('a seat is given back outside a transaction');
    await this.#seatsFreed(em as EntityManager, freed);
  }

  onFlush({ uow }: FlushEventArgs): void {
    const changed = uow
      .getChangeSets()
      .flatMap(({ entity }) => (entity instanceof SessionBooking && entity.recorded ? [entity] : []));
    for (const booking of changed) {
      for (const event of booking.recorded ?? []) {
        for (const row of this.#rowsOf(booking, event)) uow.computeChangeSet(row, ChangeSetType.CREATE);
      }
      booking.recorded = undefined;
    }
    this.#written.add(uow, changed);
  }

  afterTransactionCommit({ uow }: TransactionEventArgs): void {
    const changed = this.#written.take(uow);
    if (changed.length > 0) this.#onCommit(changed.map(({ id, attendeeId, version }) => ({ id, attendeeId, version })));
  }

  #rowsOf(booking: SessionBooking, event: RecordedBookingEvent): object[] {
    return [eventRow(booking, event), this.#outboxRow(booking, event), ...noticeRows(booking, event)];
  }

  #outboxRow(booking: SessionBooking, event: RecordedBookingEvent): OutboxMessage {
    const { scope, version } = event;
    const message = this.#messageOf(booking, event, scope?.correlationId ?? null);
    return outboxRow(message, aboutBooking(booking, version), scope);
  }
}

function eventRow(booking: SessionBooking, event: RecordedBookingEvent): SessionBookingEvent {
  return Object.assign(new SessionBookingEvent(), {
    id: uuidv7(),
    bookingId: booking.id,
    attendeeId: booking.attendeeId,
    version: event.version,
    type: event.type,
    from: event.from,
    to: event.to,
    reason: event.reason ?? null,
    note: event.note ?? null,
    actor: event.actor,
    byId: event.byId ?? null,
    occurredAt: event.occurredAt,
    recordedAt: booking.updatedAt,
    correlationId: event.scope?.correlationId ?? null,
  });
}

function noticeRows(booking: SessionBooking, { notice: kind, version }: RecordedBookingEvent): NoticeRow[] {
  if (!kind) return [];
  const { id: bookingId, orderId, updatedAt: createdAt } = booking;
  const fixed = { id: uuidv7(), orderId, bookingId, refundId: null, createdAt, leaseUntil: null };
  return [Object.assign(new NoticeRow(), { ...fixed, kind, version })];
}
