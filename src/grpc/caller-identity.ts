import type { Metadata } from 'nice-grpc';
import { ServerError, Status, type CallContext } from 'nice-grpc';
import type { Authenticate } from '../auth/tokens.js';
import type { Actor } from '../entities/visibility.js';

/** A refusal as the platform's gateway reads it: a status with error_code, detail and reason in the trailer. */
export function refuse(context: CallContext, status: Status, reason: string, detail: string): ServerError {
  context.trailer
    .set('error_code', Status[status] ?? 'UNKNOWN')
    .set('reason', reason)
    .set('detail', detail);
  return new ServerError(status, detail);
}

/** Finds out for whom a call is made. */
export interface CallerIdentity {
  /**
   * A bearer token counts and must be of the user named; without one the named user is believed only inside a trusted
   * network.
   * @throws ServerError UNAUTHENTICATED, or NOT_FOUND for another user, which looks like a missing thing
   */
  actorFor(context: CallContext, namedUserId: string): Promise<Actor>;
  /** For calls that name no user: null for a trusted network without a token, who may then see any order's status. */
  actorOrTrusted(context: CallContext): Promise<Actor | null>;
}

export function createCallerIdentity(authenticate: Authenticate, trustNetwork: boolean): CallerIdentity {
  const fromToken = async (context: CallContext): Promise<Actor | null> => {
    const identity = await authenticate(context.metadata.get('authorization'));
    if (identity.is === 'invalid')
      throw refuse(context, Status.UNAUTHENTICATED, 'INVALID_TOKEN', 'The access token does not count.');
    if (identity.is === 'viewer') return identity.viewer;
    if (trustNetwork) return null;
    throw refuse(context, Status.UNAUTHENTICATED, 'TOKEN_MISSING', 'An access token is needed.');
  };
  return {
    async actorFor(context, namedUserId) {
      const actor = await fromToken(context);
      const named = namedUserId || userIn(context.metadata);
      if (actor === null) return { userId: named.toLowerCase(), isOperator: false };
      if (actor.isOperator || !named || named.toLowerCase() === actor.userId) return actor;
      throw refuse(context, Status.NOT_FOUND, 'ORDER_NOT_FOUND', 'There is no such order.');
    },
    actorOrTrusted: fromToken,
  };
}

const userIn = (metadata: Metadata): string => metadata.get('x-user-id') ?? '';
