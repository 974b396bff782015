import { unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLError } from 'graphql';
import { type GraphQLFormattedError } from 'graphql';
import { correlationId } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';

/** Codes that say the request is at fault; their message is safe to show. */
export const EXPECTED_CODES: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'SERVICE_UNAVAILABLE',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

const RETRY_AFTER_SECONDS = 5;

/**
 * Errors as clients see them: a code, and for the unexpected no internals but the id to ask about.
 * @param isPassing whether an error means that the same may go well later
 */
export function createFormatError(log: Logger, isPassing: (error: unknown) => boolean) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { code, retryAfterSeconds } = formatted.extensions ?? {};
    const { message, path, locations } = formatted;
    if (typeof code === 'string' && EXPECTED_CODES.has(code)) {
      const extensions = { code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
      return { message, path, locations, extensions };
    }
    const cause = unwrapResolverError(error);
    if (isPassing(cause)) {
      log.warn({ err: cause, path }, 'an operation cannot be answered now');
      const unavailable = { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: RETRY_AFTER_SECONDS };
      return { message: 'This cannot be answered now; please try again.', path, locations, extensions: unavailable };
    }
    log.error({ err: cause, path }, 'an operation failed unexpectedly');
    const extensions = { code: 'INTERNAL_SERVER_ERROR', correlationId: correlationId() };
    return { message: 'Something went wrong; the error was logged.', path, locations, extensions };
  };
}

/** The same for the errors of a WebSocket, which come as GraphQLErrors. */
export function formatAll(
  errors: readonly GraphQLError[],
  format: ReturnType<typeof createFormatError>,
): GraphQLFormattedError[] {
  return errors.map((error) => format(error.toJSON(), error));
}
