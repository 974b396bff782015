import { validate as isUuid } from 'uuid';
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { maySeeUser } from '../auth/access.js';
import { SessionBookingStatus } from '../entities/booking-status.js';
import { OrderConnection } from '../schema/connections.js';
import { Context } from '../schema/context.js';
import { forbidden } from '../schema/errors.js';
import { OrderFilter } from '../schema/inputs.js';
import { SessionBookingConnection } from '../schema/session-types.js';
import { UserStub } from '../schema/stubs.js';
import { bookingsOfAttendee } from './booking-list-arguments.js';
import { ordersOfBuyer } from './order-list-arguments.js';
import { PAGE } from '../schema/costs.js';

const FIRST = { nullable: true, defaultValue: 20, description: 'How many, 1 to 100.' };
const AFTER = { nullable: true, description: 'Cursor after which the page begins.' };
const STATUS = { nullable: true, description: 'Only these statuses.' };
const FILTER = { nullable: true, description: 'Which orders.' };

/** What a user bought: for the user and for operators. */
@Resolver(() => UserStub)
export class UserResolver {
  @Directive(PAGE)
  @FieldResolver(() => OrderConnection, { nullable: true, description: 'The user’s orders.' })
  async orders(
    @Root() user: UserStub,
    @Arg('first', () => Int, FIRST) first: number | null | undefined,
    @Arg('after', () => String, AFTER) after: string | null | undefined,
    @Arg('filter', () => OrderFilter, FILTER) filter: OrderFilter | null | undefined,
    @Ctx() context: Context,
  ) {
    const userId = ownerOf(user, context);
    return userId && ordersOfBuyer(userId, first, after, filter, context);
  }

  @Directive(PAGE)
  @FieldResolver(() => SessionBookingConnection, {
    nullable: true,
    description: 'The user’s bookings of live sessions.',
  })
  async sessionBookings(
    @Root() user: UserStub,
    @Arg('first', () => Int, FIRST) first: number | null | undefined,
    @Arg('after', () => String, AFTER) after: string | null | undefined,
    @Arg('status', () => [SessionBookingStatus], STATUS) status: SessionBookingStatus[] | null | undefined,
    @Ctx() context: Context,
  ) {
    const userId = ownerOf(user, context);
    return userId && bookingsOfAttendee(userId, first, after, status, context);
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether the user has bought a course.' })
  async hasPurchased(
    @Root() user: UserStub,
    @Arg('courseId', () => ID, { description: 'The course.' }) courseId: string,
    @Ctx() context: Context,
  ) {
    const buyerId = ownerOf(user, context);
    return buyerId && isUuid(courseId)
      ? context.loaders.purchased.load({ buyerId, courseId: courseId.toLowerCase() })
      : null;
  }

  @Directive(PAGE)
  @Query(() => SessionBookingConnection, { nullable: true, description: 'The viewer’s bookings of live sessions.' })
  async mySessionBookings(
    @Arg('first', () => Int, FIRST) first: number | null | undefined,
    @Arg('after', () => String, AFTER) after: string | null | undefined,
    @Arg('status', () => [SessionBookingStatus], STATUS) status: SessionBookingStatus[] | null | undefined,
    @Ctx() context: Context,
  ) {
    return bookingsOfAttendee(context.requireViewer().userId, first, after, status, context);
  }

  @Directive(PAGE)
  @Query(() => OrderConnection, { nullable: true, description: 'The viewer’s orders.' })
  async myOrders(
    @Arg('first', () => Int, FIRST) first: number | null | undefined,
    @Arg('after', () => String, AFTER) after: string | null | undefined,
    @Arg('filter', () => OrderFilter, FILTER) filter: OrderFilter | null | undefined,
    @Ctx() context: Context,
  ) {
    return ordersOfBuyer(context.requireViewer().userId, first, after, filter, context);
  }
}

/**
 * Whose things are asked for; null where no user can have such an id.
 * @throws FORBIDDEN for another user, UNAUTHENTICATED without a token
 */
function ownerOf({ id }: UserStub, context: Context): string | null {
  const viewer = context.requireViewer();
  const userId = id.toLowerCase();
  if (!maySeeUser(viewer, userId)) throw forbidden();
  return isUuid(userId) ? userId : null;
}
