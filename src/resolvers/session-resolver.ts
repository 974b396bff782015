import { GraphQLDateTime } from 'graphql-scalars';
import { validate as isUuid } from 'uuid';
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { Money } from '../entities/money.js';
import { SessionBooking } from '../entities/session-booking.js';
import { Session } from '../entities/session.js';
import { SessionsUnavailable, type LiveSession } from '../queries/live-sessions.js';
import { Context } from '../schema/context.js';
import { graphError } from '../schema/errors.js';
import { Cost, listOf } from '../schema/costs.js';

/** A live session, field by field: what the session service tells, and what the seats say. */
@Resolver(() => Session)
export class SessionResolver {
  @Directive(Cost.NEIGHBOUR)
  @Query(() => Session, { nullable: true, description: 'A live session; null when there is none.' })
  async session(@Arg('id', () => ID, { description: 'Identity of the session.' }) id: string, @Ctx() context: Context) {
    const session = await told(id, context);
    return session ? new Session(session.id) : null;
  }

  @Directive(listOf(10))
  @Query(() => [Session], { nullable: true, description: 'The sessions that the viewer waits for, longest first.' })
  async myWaitlist(@Ctx() context: Context) {
    const ids = await context.services.sessions.linesOf(context.requireViewer().userId);
    return ids.map((id) => new Session(id));
  }

  @FieldResolver(() => String, { nullable: true, description: 'Its title, where the session service tells it.' })
  async title(@Root() { id }: Session, @Ctx() context: Context) {
    return (await told(id, context))?.title;
  }

  @FieldResolver(() => Money, { nullable: true, description: 'Price of a seat.' })
  async price(@Root() { id }: Session, @Ctx() context: Context) {
    return (await told(id, context))?.price;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Number of seats.' })
  async capacity(@Root() { id }: Session, @Ctx() context: Context) {
    return (await told(id, context))?.capacity;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Seats that can be booked now; none while people wait.' })
  async remaining(@Root() { id }: Session, @Ctx() context: Context) {
    const [session, seats] = await Promise.all([told(id, context), seatsOf(id, context)]);
    if (!session || seats?.goneAt || seats?.waiting) return session && 0;
    return Math.max(0, session.capacity - (seats?.taken ?? 0));
  }

  @FieldResolver(() => Int, { nullable: true, description: 'How many wait for a seat.' })
  async waitlistLength(@Root() { id }: Session, @Ctx() context: Context) {
    return isUuid(id) ? ((await seatsOf(id, context))?.waiting ?? 0) : null;
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it begins, where the session service tells it.',
  })
  async startsAt(@Root() { id }: Session, @Ctx() context: Context) {
    return (await told(id, context))?.startsAt;
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it ends, where the session service tells it.',
  })
  async endsAt(@Root() { id }: Session, @Ctx() context: Context) {
    return (await told(id, context))?.endsAt;
  }

  @FieldResolver(() => SessionBooking, {
    nullable: true,
    description: 'The viewer’s booking: the live, else the newest.',
  })
  async viewerBooking(@Root() { id }: Session, @Ctx() { viewer, loaders }: Context) {
    return viewer && isUuid(id) ? loaders.viewerBooking.load(id.toLowerCase()) : null;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'The viewer’s place in the line, from 1.' })
  async viewerWaitlistPosition(@Root() { id }: Session, @Ctx() { viewer, loaders }: Context) {
    return viewer && isUuid(id) ? loaders.viewerPosition.load(id.toLowerCase()) : null;
  }
}

const seatsOf = async (id: string, { loaders }: Context) =>
  isUuid(id) ? loaders.seats.load(id.toLowerCase()) : undefined;

/** What the session service tells. @throws SERVICE_UNAVAILABLE when it does not answer and has told nothing before */
async function told(id: string, { loaders }: Context): Promise<LiveSession | undefined> {
  try {
    return isUuid(id) ? await loaders.session.load(id.toLowerCase()) : undefined;
  } catch (error) {
    if (error instanceof SessionsUnavailable)
      throw graphError('SERVICE_UNAVAILABLE', error.message, { retryAfterSeconds: 5 });
    throw error;
  }
}
