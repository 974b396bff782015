import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { SessionBookingStatus } from './booking-status.js';
import type { EventActor, OrderStatusReason } from './enums.js';
import { SessionBooking } from './session-booking.js';

/** What happens to a booking; each is told to the platform. */
export enum BookingEventType {
  CREATED = 'CREATED',
  CONFIRMED = 'CONFIRMED',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
  COMPLETED = 'COMPLETED',
}

/** One row a version of a booking, append-only: the backfill of live streams and the audit. */
@Entity({ tableName: 'session_booking_events' })
export class SessionBookingEvent {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => SessionBooking, { mapToPk: true, fieldName: 'booking_id' })
  bookingId!: string;

  /** Kept beside the booking's own, for the viewer's stream. */
  @Property({ type: 'uuid' })
  attendeeId!: string;

  @Property({ type: 'integer' })
  version!: number;

  @Property({ type: 'text' })
  type!: BookingEventType;

  @Property({ type: 'text', nullable: true })
  from!: SessionBookingStatus | null;

  @Property({ type: 'text' })
  to!: SessionBookingStatus;

  @Property({ type: 'text', nullable: true })
  reason!: OrderStatusReason | null;

  @Property({ type: 'text', nullable: true })
  note!: string | null;

  @Property({ type: 'text' })
  actor!: EventActor;

  /** User id of the person who did it. */
  @Property({ type: 'text', nullable: true })
  byId!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  occurredAt!: Date;

  /** When it was written; the place in the viewer's stream. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  recordedAt!: Date;

  @Property({ type: 'text', nullable: true })
  correlationId!: string | null;
}
