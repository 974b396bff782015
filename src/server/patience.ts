import { AsyncLocalStorage } from 'node:async_hooks';
import { GraphQLError } from 'graphql';

/** Seconds after which a request that took too long may be tried again. */
const RETRY_AFTER_SECONDS = 5;

/** How long a request is waited for: until its time is up, or its caller has gone. */
export interface Patience {
  /** Aborted when nobody waits any more. */
  readonly over: AbortSignal;
  /** Aborted with it, for the work to stop; never for work that runs to its end. */
  readonly stopWork: AbortSignal;
  /** What has begun runs to its end, whoever waits for it. */
  letWorkEnd(): void;
  /** The caller has gone. */
  leave(): void;
  /** The request was answered: nothing is aborted after this. */
  end(): void;
}

const waiting = new AsyncLocalStorage<Patience>();

/** Begins to wait for a request. */
export function startPatience(limitMs: number): Patience {
  const [over, stopWork] = [new AbortController(), new AbortController()];
  let stops = true;
  const lose = (why: string) => {
    clearTimeout(timer);
    over.abort(new Error(why));
    if (stops) stopWork.abort(new Error(why));
  };
  const timer = setTimeout(lose, limitMs, 'the time of the request is up');
  return {
    over: over.signal,
    stopWork: stopWork.signal,
    letWorkEnd: () => void (stops = false),
    leave: () => lose('the caller has gone'),
    end: () => clearTimeout(timer),
  };
}

/** The request that is being answered is a write: it runs to its end, and who asks again with its key finds what came of it. */
export function letWorkEnd(): void {
  waiting.getStore()?.letWorkEnd();
}

/** The answer to a request whose time is up. */
export function lateAnswer(): { errors: [GraphQLError] } {
  const extensions = { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: RETRY_AFTER_SECONDS };
  return { errors: [new GraphQLError('This took too long; please try again.', { extensions })] };
}

/** What `work` makes, or the late answer as soon as nobody waits any more; what `work` makes then has no reader. */
export async function answerInTime<T>(
  patience: Patience,
  work: () => Promise<T> | T,
): Promise<T | ReturnType<typeof lateAnswer>> {
  const { over } = patience;
  let giveUp = (): void => undefined;
  const late = new Promise<ReturnType<typeof lateAnswer>>((resolve) => {
    giveUp = () => resolve(lateAnswer());
    over.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([waiting.run(patience, work), late]);
  } finally {
    over.removeEventListener('abort', giveUp);
  }
}
