import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { NoticeKind } from '../entities/notice.js';
import { Order } from '../entities/order.js';
import { SessionBooking } from '../entities/session-booking.js';

/** A notice that a buyer is still to get. The address is looked up when it is sent and stored nowhere else. */
@Entity({ tableName: 'notices' })
export class NoticeRow {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** Null for a booking of a free session. */
  @ManyToOne(() => Order, { mapToPk: true, fieldName: 'order_id', nullable: true })
  orderId!: string | null;

  /** Set where the notice is about a booking. */
  @ManyToOne(() => SessionBooking, { mapToPk: true, fieldName: 'booking_id', nullable: true })
  bookingId!: string | null;

  @Property({ type: 'text' })
  kind!: NoticeKind;

  @Property({ type: 'uuid', nullable: true })
  refundId!: string | null;

  /** The version of the order, or of the booking, that the notice is about. */
  @Property({ type: 'integer' })
  version!: number;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  createdAt!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;
}
