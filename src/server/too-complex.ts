import { GraphQLError } from 'graphql';

/** The code of every operation that exceeds a limit. */
export const TOO_COMPLEX = 'OPERATION_TOO_COMPLEX';

/** The refusal of an operation that exceeds a limit; the message names the limit and the value. */
export function tooComplex(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: TOO_COMPLEX, http: { status: 400 } } });
}
