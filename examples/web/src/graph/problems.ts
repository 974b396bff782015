import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import type { RefusalFragment } from '../generated/graphql';

/** Why nothing happened: the graph refused, or there was no answer to go by. */
export type Problem = { readonly kind: 'refused'; readonly refusal: RefusalFragment } | Failure;

/** An answer that is none of the mutation's own. */
export type Failure =
  | { readonly kind: 'offline' }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number }
  | { readonly kind: 'defect'; readonly message: string; readonly correlationId?: string };

interface Extensions {
  readonly code?: string;
  readonly retryAfterSeconds?: number;
  readonly correlationId?: string;
}

const USUAL_WAIT_SECONDS = 5;

/** What an error of the client means for the reader. */
export function problemOf(error: unknown): Failure {
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors;
    return failureOf(first?.message ?? error.message, first?.extensions ?? {});
  }
  if (ServerError.is(error) && error.statusCode < 500) return { kind: 'defect', message: error.message };
  return { kind: 'offline' };
}

function failureOf(message: string, extensions: Extensions): Failure {
  const { code, correlationId, retryAfterSeconds = USUAL_WAIT_SECONDS } = extensions;
  switch (code) {
    case 'UNAUTHENTICATED':
      return { kind: 'signed-out' };
    case 'FORBIDDEN':
      return { kind: 'forbidden' };
    case 'RATE_LIMITED':
      return { kind: 'busy', retryAfterSeconds };
    case 'SERVICE_UNAVAILABLE':
    case 'DOWNSTREAM_SERVICE_ERROR':
      return { kind: 'unavailable', retryAfterSeconds };
    default:
      return { kind: 'defect', message, correlationId };
  }
}
