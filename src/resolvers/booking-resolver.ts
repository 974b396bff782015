import { GraphQLDateTime } from 'graphql-scalars';
import { validate as isUuid } from 'uuid';
import { Arg, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { bookingActions, SessionBookingAction } from '../entities/booking-actions.js';
import { SessionBookingStatus } from '../entities/booking-status.js';
import { Order } from '../entities/order.js';
import { SessionBooking } from '../entities/session-booking.js';
import { Session } from '../entities/session.js';
import { Context } from '../schema/context.js';
import { UserStub } from '../schema/stubs.js';
import { bookingFacts } from './action-facts.js';
import { listOf } from '../schema/costs.js';

/** Bookings by id, and the fields of a booking that are read beside its row. */
@Resolver(() => SessionBooking)
export class BookingResolver {
  @Query(() => SessionBooking, {
    nullable: true,
    description: 'A booking of the viewer, or any for operators; null for others alike.',
  })
  async sessionBooking(
    @Arg('id', () => ID, { description: 'Identity of the booking.' }) id: string,
    @Ctx() context: Context,
  ) {
    context.requireViewer();
    return isUuid(id) ? context.loaders.booking.load(id.toLowerCase()) : null;
  }

  @FieldResolver(() => Session, { nullable: true, description: 'The live session.' })
  session(@Root() { sessionId }: SessionBooking) {
    return new Session(sessionId);
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who attends.' })
  attendee(@Root() { attendeeId }: SessionBooking) {
    return new UserStub(attendeeId);
  }

  @FieldResolver(() => Order, { nullable: true, description: 'The order that pays for it; none for a free session.' })
  order(@Root() { orderId }: SessionBooking, @Ctx() { loaders }: Context) {
    return orderId ? loaders.order.load(orderId) : null;
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when the seat is held for its payment; null once it is paid or given up.',
  })
  async holdExpiresAt(@Root() { orderId, status }: SessionBooking, @Ctx() { loaders }: Context) {
    if (orderId === null || status !== SessionBookingStatus.PENDING) return null;
    return (await loaders.order.load(orderId))?.expiresAt;
  }

  @Directive(listOf(2))
  @FieldResolver(() => [SessionBookingAction], { description: 'What the viewer can do with it now, and why not.' })
  async availableActions(@Root() booking: SessionBooking, @Ctx() context: Context) {
    return bookingActions(booking, await bookingFacts(booking, context));
  }
}
