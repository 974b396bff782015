import {
  GraphQLError,
  Kind,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { callerGone, correlationId } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import { errorsByNull } from './null-errors.js';
import { lateAnswer } from './patience.js';
import { TOO_COMPLEX } from './too-complex.js';

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
    const cause = causeOf(error);
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

/** The failure inside of what GraphQL made of it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/** What graphql-js finds wrong in the request itself has no code of its own. */
function classify({ message, extensions }: GraphQLFormattedError, error: unknown): { code?: string; message: string } {
  const tokens = TOO_MANY_TOKENS.exec(message)?.[1];
  if (tokens) return { code: TOO_COMPLEX, message: `Tokens limit of ${tokens} exceeded.` };
  if (isAboveLimit(error)) return { code: TOO_COMPLEX, message };
  if (message.endsWith('Validation aborted.'))
    return { code: TOO_COMPLEX, message: 'The operation has too many errors.' };
  const code = extensions?.['code'];
  if (error instanceof GraphQLError && isAboutInput(error)) return { code: 'BAD_USER_INPUT', message };
  if (isBadRequest(error)) return { code: 'BAD_REQUEST', message };
  return { message, ...(typeof code === 'string' ? { code } : {}) };
}

/** Apollo Server refuses some requests, such as a persisted query with the wrong hash, with a status but without a code. */
function isBadRequest(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || error.extensions['code'] !== undefined) return false;
  const { status } = (error.extensions['http'] ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500;
}

/** Apollo Server gives every error of validation the same code; the original has its own. */
function isAboveLimit(error: unknown): boolean {
  const original = error instanceof GraphQLError ? error.originalError : undefined;
  return original instanceof GraphQLError && original.extensions['code'] === TOO_COMPLEX;
}

function isAboutInput({ nodes, message, extensions, originalError }: GraphQLError): boolean {
  if (extensions['code'] !== undefined && extensions['code'] !== 'INTERNAL_SERVER_ERROR') return false;
  // graphql-js puts its own refusal of an argument into an error with a path, as it does with what resolvers throw.
  const isOwn = !originalError || (originalError instanceof GraphQLError && !originalError.originalError);
  return nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION || (isOwn && BAD_ARGUMENT.test(message));
}

/** The same for errors that do not pass through Apollo Server. */
export function formatAll(errors: readonly GraphQLError[], format: FormatError): GraphQLFormattedError[] {
  return errors.map((error) => format(error.toJSON(), error));
}

/** The same for a result that does not pass through Apollo Server. */
export function formatResult(result: ExecutionResult, format: FormatError): FormattedExecutionResult {
  const { errors: _errors, ...rest } = result;
  const errors = errorsByNull(result);
  return errors ? { ...rest, errors: formatAll(errors, format) } : rest;
}
