import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, Kind, type GraphQLFormattedError } from 'graphql';
import { callerGone, correlationId } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import { TOO_COMPLEX } from './limits.js';
import { lateAnswer } from './patience.js';

/** Codes that say the request is at fault; their message is safe to show. */
export const EXPECTED_CODES: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'SERVICE_UNAVAILABLE',
  'RATE_LIMITED',
  TOO_COMPLEX,
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

const RETRY_AFTER_SECONDS = 5;

/** How the parser refuses a text that is too long. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more \w+ (\d+) tokens/;
/** What graphql-js says of an argument that got no value which its type allows; nobody else begins so. */
const BAD_ARGUMENT = /^Argument "/;
const SUGGESTION = / Did you mean [^?]*\?/g;

export interface ErrorFormatOptions {
  /** Whether an error means that the same may go well later. */
  readonly isPassing: (error: unknown) => boolean;
  /** Whether messages may name what the schema has instead of what was asked for. */
  readonly suggests: boolean;
  readonly log: Logger;
}

/** Turns an error into what clients see of it. */
export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Errors as clients see them: a code, and for the unexpected no internals but the id to ask about. */
export function createFormatError({ isPassing, suggests, log }: ErrorFormatOptions): FormatError {
  return (formatted, error) => {
    const { retryAfterSeconds } = formatted.extensions ?? {};
    const { path, locations } = formatted;
    const { code, message } = classify(formatted, error);
    if (code !== undefined && EXPECTED_CODES.has(code)) {
      const extensions = { code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
      return { message: suggests ? message : message.replace(SUGGESTION, ''), path, locations, extensions };
    }
    if (callerGone()?.aborted) return { ...lateAnswer().errors[0].toJSON(), path, locations };
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

/** What graphql-js finds wrong in the request itself has no code of its own. */
function classify({ message, extensions }: GraphQLFormattedError, error: unknown): { code?: string; message: string } {
  const tokens = TOO_MANY_TOKENS.exec(message)?.[1];
  if (tokens) return { code: TOO_COMPLEX, message: `Tokens limit of ${tokens} exceeded.` };
  const code = extensions?.['code'];
  if (error instanceof GraphQLError && isAboutInput(error)) return { code: 'BAD_USER_INPUT', message };
  return { message, ...(typeof code === 'string' ? { code } : {}) };
}

function isAboutInput({ nodes, message, extensions, originalError }: GraphQLError): boolean {
  if (extensions['code'] !== undefined && extensions['code'] !== 'INTERNAL_SERVER_ERROR') return false;
  return nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION || (!originalError && BAD_ARGUMENT.test(message));
}

/** The same for the errors of a WebSocket, which come as GraphQLErrors. */
export function formatAll(errors: readonly GraphQLError[], format: FormatError): GraphQLFormattedError[] {
  return errors.map((error) => format(error.toJSON(), error));
}
