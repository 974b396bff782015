import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { SessionBookingStatus } from '../entities/booking-status.js';
import { OrderStatusReason } from '../entities/enums.js';
import { SessionBooking } from '../entities/session-booking.js';
import { StreamEnd } from '../subscriptions/change.js';

/** One message of a stream: an event of a booking, or a snapshot of it. */
@ObjectType({ description: 'Something that happened to a booking, or its present state.' })
export class SessionBookingStatusChange {
  @Field(() => SessionBooking, { description: 'The booking as it is now; its version is at least this one’s.' })
  booking!: SessionBooking;

  @Field(() => SessionBookingStatus, { nullable: true, description: 'Status before.' })
  from!: SessionBookingStatus | null;

  @Field(() => SessionBookingStatus, { description: 'Status after.' })
  to!: SessionBookingStatus;

  @Field(() => Int, { description: 'Version that the event made.' })
  version!: number;

  @Field(() => Boolean, { description: 'True for the present state, false for an event.' })
  snapshot!: boolean;

  @Field(() => OrderStatusReason, { nullable: true, description: 'Why.' })
  reason!: OrderStatusReason | null;

  @Field(() => String, { description: 'Place in the viewer’s own stream, for mySessionBookingsChanged(after:).' })
  cursor!: string;

  @Field(() => StreamEnd, { nullable: true, description: 'Set on the last message of the stream.' })
  ends!: StreamEnd | null;

  @Field(() => GraphQLDateTime, { description: 'When it happened.' })
  occurredAt!: Date;
}
