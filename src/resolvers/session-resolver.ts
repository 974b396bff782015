import { validate as isUuid } from 'uuid';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { fromMajorUnits } from '../entities/money.js';
import { SessionsUnavailable, type LiveSession } from '../queries/live-sessions.js';
import type { Context } from '../schema/context.js';
import { graphError } from '../schema/errors.js';
import { SessionView } from '../schema/stubs.js';

/** A session as the graph shows it; with its id alone where the service does not know it. */
export function sessionView(id: string, session: LiveSession | undefined): SessionView {
  const unknown = { title: null, price: null, capacity: null, startsAt: null, endsAt: null };
  const { title, capacity, startsAt, endsAt } = session ?? unknown;
  const price = session ? fromMajorUnits(session.price, session.currency) : null;
  return Object.assign(new SessionView(), { id, title, price, capacity, startsAt, endsAt });
}

/** Reads one session for a reference or a query. @throws SERVICE_UNAVAILABLE when the session service does not answer */
export async function loadSession(id: string, { loaders }: Context): Promise<LiveSession | undefined> {
  try {
    return isUuid(id) ? await loaders.session.load(id.toLowerCase()) : undefined;
  } catch (error) {
    if (error instanceof SessionsUnavailable)
      throw graphError('SERVICE_UNAVAILABLE', error.message, { retryAfterSeconds: 5 });
    throw error;
  }
}

@Resolver()
export class SessionResolver {
  @Query(() => SessionView, { nullable: true, description: 'A live session; null when there is none.' })
  async session(@Arg('id', () => ID, { description: 'Identity of the session.' }) id: string, @Ctx() context: Context) {
    const session = await loadSession(id, context);
    return session ? sessionView(id, session) : null;
  }
}
