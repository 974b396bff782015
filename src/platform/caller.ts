import { setTimeout as pause } from 'node:timers/promises';
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import {
  createChannel,
  createClientFactory,
  ClientError,
  Metadata,
  Status,
  type ChannelCredentials,
  type CompatServiceDefinition,
} from 'nice-grpc';
import { deadlineMiddleware, type DeadlineOptions } from 'nice-grpc-client-middleware-deadline';
import { callerGone, correlationId, traceparent } from '../observability/correlation.js';
import { NeighbourDown } from './neighbours.js';
import { renewableChannel, type RenewableChannel } from './renewable-channel.js';
import { RetryBudget } from './retry-budget.js';
import { wellFormedAnswer } from './well-formed-answer.js';

/** Failures that may be over in a moment. A retry is of use where the neighbour neither used up the time nor has too much to do. */
const WORTH_A_RETRY: ReadonlySet<Status> = new Set([Status.UNAVAILABLE, Status.ABORTED]);
/** All failures to answer. Not-found and refusals are answers, not failures. */
const FAILURES: ReadonlySet<Status> = new Set([...WORTH_A_RETRY, Status.DEADLINE_EXCEEDED, Status.RESOURCE_EXHAUSTED]);
const TOO_LATE: ReadonlySet<Status> = new Set([Status.DEADLINE_EXCEEDED]);
const MOST_RETRIES = 2;
const FIRST_PAUSE_MS = 60;
const REST_MS = 2_000;
const FAILURES_TO_OPEN = 10;
/** Calls at once, and how many more may wait: enough for many full carts, which ask once a course, and no more than that. */
const AT_ONCE = 256;
/** How long a call that failed says something about the next one, ms. */
const FAILURE_COUNTS_MS = 60_000;
const WAITING = 1_024;
const CHANNEL = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_receive_message_length': 10 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // A channel that is begun anew must not find the connection of the old one again.
  'grpc.use_local_subchannel_pool': 1,
};

const isOneOf = (statuses: ReadonlySet<Status>, error: unknown): boolean =>
  error instanceof ClientError && statuses.has(error.code);
const isFailure = (error: unknown): boolean => isOneOf(FAILURES, error);
const wasNotMade = (error: unknown): boolean =>
  error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError;

/** What joins a call to its cause. */
function carriedOn(): Metadata {
  const [id, trace] = [correlationId(), traceparent()];
  return Metadata({ ...(id ? { 'x-correlation-id': id } : {}), ...(trace ? { traceparent: trace } : {}) });
}

/** Options of one call, to be handed to the client's method. */
export interface CallOptions extends DeadlineOptions {
  metadata: Metadata;
  signal: AbortSignal | undefined;
}

/** One neighbour's channel with its deadline, breaker, budget of retries, and limit of calls at once. */
export class Caller {
  readonly service: string;
  readonly #connection: RenewableChannel;
  readonly #timeoutMs: number;
  readonly #budget = new RetryBudget();
  readonly #bulkhead = bulkhead(AT_ONCE, WAITING);
  readonly #breaker = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: REST_MS,
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  });

  #failedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param timeoutMs the time a call may take, retries included
   * @param credentials absent: in the clear
   */
  constructor(service: string, address: string, timeoutMs: number, credentials?: ChannelCredentials) {
    this.service = service;
    this.#timeoutMs = timeoutMs;
    this.#connection = renewableChannel(() => createChannel(address, credentials, CHANNEL));
    this.#breaker.onSuccess(() => (this.#failedAt = Number.NEGATIVE_INFINITY));
    this.#breaker.onFailure(({ handled }) => {
      if (handled) this.#failedAt = performance.now();
    });
    // Nothing is heard over this connection, which may be why.
    this.#breaker.onBreak((reason) => {
      if ('error' in reason && isOneOf(TOO_LATE, reason.error)) this.#connection.renew();
    });
  }

  /** False when the last call failed, and that is not a minute ago. */
  isAnswering(): boolean {
    return performance.now() - this.#failedAt > FAILURE_COUNTS_MS;
  }

  client<S extends CompatServiceDefinition>(definition: S) {
    return createClientFactory().use(deadlineMiddleware).create(definition, this.#connection.channel);
  }

  /**
   * Runs a call that may be repeated.
   * @throws NeighbourDown when the service does not answer; other statuses pass as ClientError
   */
  read<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    return this.#run(call, MOST_RETRIES);
  }

  /** Runs a call once; its own key makes it safe to repeat later. */
  write<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    return this.#run(call, 0);
  }

  async #run<T>(call: (options: CallOptions) => Promise<T>, retries: number): Promise<T> {
    const signal = callerGone();
    // Made here: a call that had to wait is begun in the scope of the call that made room for it.
    const options = { deadline: new Date(Date.now() + this.#timeoutMs), signal, metadata: carriedOn() };
    this.#budget.save();
    try {
      return await this.#bulkhead.execute(() => this.#repeat(() => this.#callOnce(call, options), retries), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (wasNotMade(error) || isFailure(error)) throw new NeighbourDown(this.service, error, !wasNotMade(error));
      throw error;
    }
  }

  async #repeat<T>(call: () => Promise<T>, retries: number): Promise<T> {
    for (let retry = 0; ; retry++) {
      try {
        return await call();
      } catch (error) {
        if (retry === retries || !isOneOf(WORTH_A_RETRY, error) || !this.#budget.take()) throw error;
        await pause(Math.random() * FIRST_PAUSE_MS * 2 ** retry);
      }
    }
  }

  /** Refusals are told to the breaker as answers: it would not forget earlier failures for them otherwise. */
  async #callOnce<T>(call: (options: CallOptions) => Promise<T>, options: CallOptions): Promise<T> {
    // The middleware ends the call here in time; that the neighbour need not go on then is only said by this.
    const leftMs = Math.max(1, Number(options.deadline) - Date.now());
    options.metadata.set('grpc-timeout', `${Math.ceil(leftMs)}m`);
    const outcome = await this.#breaker.execute(async () => {
      try {
        return { answer: wellFormedAnswer(await call(options)) };
      } catch (error) {
        if (!(error instanceof ClientError) || isFailure(error)) throw error;
        return { refusal: error };
      }
    }, options.signal);
    if (outcome.refusal) throw outcome.refusal;
    return outcome.answer;
  }

  close(): void {
    this.#connection.channel.close();
  }
}

/** True for the status of something that does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ClientError && error.code === Status.NOT_FOUND;
}

/** Every other failure of a read means that nothing can be known now. */
export function asDown(service: string, error: unknown): NeighbourDown {
  return error instanceof NeighbourDown ? error : new NeighbourDown(service, error);
}
