import type { Metadata } from 'nice-grpc';
import { Status, type CallContext } from 'nice-grpc';
import { validate as isUuid } from 'uuid';
import type { Authenticate } from '../auth/tokens.js';
import type { Actor } from '../entities/visibility.js';
import { refuse } from './refusals.js';

/**
 * Finds out for whom a call is made. A bearer token counts and must be of the user named, or of an operator; without one
 * the named user is believed only inside a trusted network. All throw ServerError: UNAUTHENTICATED without a token that
 * counts, INVALID_ARGUMENT for a user id that is none.
 */
export interface CallerIdentity {
  /** For calls about an order that exists: to a stranger it looks like a missing one (NOT_FOUND). */
  actorFor(context: CallContext, namedUserId: string): Promise<Actor>;
  /** The user for whom something is done or listed; anybody else's is refused (PERMISSION_DENIED). */
  buyerFor(context: CallContext, namedUserId: string): Promise<string>;
  /** The same, with the operator who acts for the user, where it is one. */
  buyerAndOperatorFor(context: CallContext, namedUserId: string): Promise<BuyerAndOperator>;
  /** For calls that name no user: null for a trusted network without a token, who may then see any order's status. */
  actorOrTrusted(context: CallContext): Promise<Actor | null>;
  /** For figures of the whole site: operators, and a trusted network (PERMISSION_DENIED). */
  expectOperator(context: CallContext): Promise<void>;
}

/** For whom a call is made, and which operator makes it for them; undefined where they do it themselves. */
export interface BuyerAndOperator {
  readonly buyerId: string;
  readonly operatorId: string | undefined;
}

export function createCallerIdentity(authenticate: Authenticate, trustNetwork: boolean): CallerIdentity {
  const fromToken = async (context: CallContext): Promise<Actor | null> => {
    const identity = await authenticate(context.metadata.get('authorization'));
    if (identity.is === 'invalid')
      throw refuse(context, Status.UNAUTHENTICATED, 'INVALID_TOKEN', 'The access token does not count.');
    if (identity.is === 'unverifiable')
      throw refuse(context, Status.UNAVAILABLE, 'TOKEN_UNVERIFIABLE', 'Access tokens cannot be verified now.');
    if (identity.is === 'viewer') return identity.viewer;
    if (trustNetwork) return null;
    throw refuse(context, Status.UNAUTHENTICATED, 'TOKEN_MISSING', 'An access token is needed.');
  };

  /** Who calls, for whom, and whether a caller may act for that user. */
  const identify = async (context: CallContext, named: string) => {
    const actor = await fromToken(context);
    const userId = (named || (userIn(context.metadata) ?? actor?.userId ?? '')).toLowerCase();
    if (!isUuid(userId)) throw refuse(context, Status.INVALID_ARGUMENT, 'INVALID_USER_ID', 'user_id is not a UUID.');
    return { actor, userId, allowed: actor === null || actor.isOperator || actor.userId === userId };
  };

  const buyerAndOperatorFor = async (context: CallContext, named: string): Promise<BuyerAndOperator> => {
    const { actor, userId: buyerId, allowed } = await identify(context, named);
    if (!allowed)
      throw refuse(context, Status.PERMISSION_DENIED, 'NOT_YOURSELF', 'The access token is of another user.');
    const actsForAnother = actor !== null && actor.userId !== buyerId;
    return { buyerId, operatorId: actsForAnother ? actor.userId : undefined };
  };

  return {
    async actorFor(context, named) {
      const { actor, userId, allowed } = await identify(context, named);
      if (!allowed) throw refuse(context, Status.NOT_FOUND, 'ORDER_NOT_FOUND', 'There is no such order.');
      return actor ?? { userId, isOperator: false };
    },
    buyerFor: async (context, named) => (await buyerAndOperatorFor(context, named)).buyerId,
    buyerAndOperatorFor,
    actorOrTrusted: fromToken,
    async expectOperator(context) {
      const actor = await fromToken(context);
      if (actor === null || actor.isOperator) return;
      throw refuse(context, Status.PERMISSION_DENIED, 'NOT_AN_OPERATOR', 'Only operators may see this.');
    },
  };
}

const userIn = (metadata: Metadata): string | undefined => metadata.get('x-user-id');
