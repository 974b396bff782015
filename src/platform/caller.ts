import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
  type IPolicy,
} from 'cockatiel';
import {
  createChannel,
  createClientFactory,
  ClientError,
  Metadata,
  Status,
  type Channel,
  type ChannelCredentials,
  type CompatServiceDefinition,
} from 'nice-grpc';
import { deadlineMiddleware, type DeadlineOptions } from 'nice-grpc-client-middleware-deadline';
import { callerGone, correlationId, traceparent } from '../observability/correlation.js';
import { NeighbourDown } from './neighbours.js';

/** Failures that may be over in a moment. Not-found and refusals are answers, not failures. */
const TRANSIENT = new Set([Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.RESOURCE_EXHAUSTED, Status.ABORTED]);
const REST_MS = 2_000;
const FAILURES_TO_OPEN = 10;

const isTransient = (error: unknown): boolean => error instanceof ClientError && TRANSIENT.has(error.code);

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

/** One neighbour's channel with its deadline, retries and breaker. */
export class Caller {
  readonly service: string;
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #once: IPolicy;
  readonly #retried: IPolicy;

  /**
   * @param timeoutMs the time a call may take, retries included
   * @param credentials absent: in the clear
   */
  constructor(service: string, address: string, timeoutMs: number, credentials?: ChannelCredentials) {
    this.service = service;
    this.#timeoutMs = timeoutMs;
    this.#channel = createChannel(address, credentials, {
      'grpc.keepalive_time_ms': 30_000,
      'grpc.max_receive_message_length': 10 * 1024 * 1024,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
    });
    const breaker = circuitBreaker(handleWhen(isTransient), {
      halfOpenAfter: REST_MS,
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    });
    const backoff = new ExponentialBackoff({ initialDelay: 30, maxDelay: 300 });
    this.#once = breaker;
    this.#retried = wrap(retry(handleWhen(isTransient), { maxAttempts: 2, backoff }), breaker);
  }

  client<S extends CompatServiceDefinition>(definition: S) {
    return createClientFactory().use(deadlineMiddleware).create(definition, this.#channel);
  }

  /**
   * Runs a call that may be repeated.
   * @throws NeighbourDown when the service does not answer; other statuses pass as ClientError
   */
  read<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    return this.#run(this.#retried, call);
  }

  /** Runs a call once; its own key makes it safe to repeat later. */
  write<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    return this.#run(this.#once, call);
  }

  async #run<T>(policy: IPolicy, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const deadline = new Date(Date.now() + this.#timeoutMs);
    const signal = callerGone();
    try {
      return await policy.execute(() => call({ deadline, signal, metadata: carriedOn() }), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BrokenCircuitError || isTransient(error)) throw new NeighbourDown(this.service, error);
      throw error;
    }
  }

  close(): void {
    this.#channel.close();
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
