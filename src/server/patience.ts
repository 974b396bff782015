import { GraphQLError } from 'graphql';
import { callerGone } from '../observability/correlation.js';

/** Seconds after which a request that took too long may be tried again. */
const RETRY_AFTER_SECONDS = 5;

/** How long a request is waited for: until its time is up, or its caller has gone. */
export interface Patience {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** The caller has gone. */
  leave(): void;
  /** The request was answered: nothing is aborted after this. */
  end(): void;
}

/** Begins to wait for a request. */
export function startPatience(limitMs: number): Patience {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('the time of the request is up')), limitMs);
  const end = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    leave: () => {
      end();
      controller.abort(new Error('the caller has gone'));
    },
    end,
  };
}

/** The answer to a request whose time is up. */
export function lateAnswer(): { errors: [GraphQLError] } {
  const extensions = { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: RETRY_AFTER_SECONDS };
  return { errors: [new GraphQLError('This took too long; please try again.', { extensions })] };
}

/**
 * What `work` makes, or `late` as soon as nobody waits any more; then what `work` still does has no reader. Writes run to
 * their end.
 */
export async function whileWaitedFor<T, L>(work: () => Promise<T> | T, late: () => L): Promise<T | L> {
  const signal = callerGone();
  if (!signal) return work();
  let listener = (): void => undefined;
  const over = new Promise<L>((resolve) => {
    listener = () => resolve(late());
    signal.addEventListener('abort', listener, { once: true });
  });
  try {
    return await Promise.race([work(), over]);
  } finally {
    signal.removeEventListener('abort', listener);
  }
}
