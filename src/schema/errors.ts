import { GraphQLError } from 'graphql';

/** Codes of `errors[].extensions.code`: for the unexpected and for who you are. Business outcomes are data. */
export type GraphErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_REQUEST'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/** An error with a code that clients can rely on. */
export function graphError(
  code: GraphErrorCode,
  message: string,
  extensions: Record<string, unknown> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

export const unauthenticated = (reason = 'Sign in first.') => graphError('UNAUTHENTICATED', reason);
/** The keys that access tokens are verified with cannot be had: the same token may be accepted in a moment. */
export const unverifiable = () =>
  graphError('SERVICE_UNAVAILABLE', 'Access tokens cannot be verified now; please try again.', {
    retryAfterSeconds: 5,
  });
export const forbidden = () => graphError('FORBIDDEN', 'You may not see this.');
export const badInput = (message: string) => graphError('BAD_USER_INPUT', message);
