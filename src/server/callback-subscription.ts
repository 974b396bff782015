import { subscribe, type ExecutionArgs, type ExecutionResult, type GraphQLError } from 'graphql';
import type { Logger } from '../observability/log.js';
import { pauseUnless } from '../observability/pause.js';
import type { CallbackCalls } from './callback-calls.js';
import { formatAll, formatResult, type FormatError } from './error-format.js';
import { asErrors } from './prepare.js';

/** So many heartbeats in a row may fail; then the router is taken for gone. */
const MAX_FAILED_BEATS = 5;

export interface CallbackSubscriptionOptions {
  readonly calls: CallbackCalls;
  readonly heartbeatMs: number;
  readonly formatError: FormatError;
  readonly log: Logger;
}

/**
 * One subscription whose results are posted to a router, one after the other: while one is under way nothing is taken from
 * the stream, whose own queue is bounded.
 */
export class CallbackSubscription {
  readonly #options: CallbackSubscriptionOptions;
  /** Aborted when the router is gone or this process stops. */
  readonly #over = new AbortController();
  #results: AsyncIterator<ExecutionResult> | undefined;

  constructor(options: CallbackSubscriptionOptions) {
    this.#options = options;
  }

  /** Runs until the stream ends, the router is gone, or `stop` is called. Never rejects. */
  async run(args: ExecutionArgs): Promise<void> {
    const beating = this.#beat();
    try {
      const errors = await this.#follow(args);
      if (!this.#over.signal.aborted) await this.#complete(errors);
    } catch (error) {
      await this.#complete(asErrors(error));
    } finally {
      this.stop();
      await beating;
    }
  }

  /** Ends the stream and the heartbeats. */
  stop(): void {
    this.#over.abort();
    const { log } = this.#options;
    this.#results?.return?.().catch((error: unknown) => log.error({ err: error }, 'a stream could not be ended'));
  }

  /** @returns why the subscription was refused; empty if it was not */
  async #follow(args: ExecutionArgs): Promise<readonly GraphQLError[]> {
    const results = await subscribe(args);
    if (!(Symbol.asyncIterator in results)) return results.errors ?? [];
    this.#results = results;
    if (this.#over.signal.aborted) this.stop();
    for await (const result of results) {
      if (this.#over.signal.aborted) break;
      const payload = formatResult(result, this.#options.formatError);
      const outcome = await this.#options.calls.deliver({ action: 'next', payload }, this.#over.signal);
      // A missing result would leave a gap in the stream: the router has to subscribe again.
      if (outcome !== 'delivered') this.stop();
    }
    return [];
  }

  async #complete(errors: readonly GraphQLError[]): Promise<void> {
    const { calls, formatError, log } = this.#options;
    const formatted = formatAll(errors, formatError);
    const message = { action: 'complete' as const, ...(formatted.length > 0 ? { errors: formatted } : {}) };
    const outcome = await calls.deliver(message, this.#over.signal);
    if (outcome === 'failed') log.warn('a router did not take the end of a subscription');
  }

  async #beat(): Promise<void> {
    const { calls, heartbeatMs } = this.#options;
    const { signal } = this.#over;
    if (heartbeatMs === 0) return;
    for (let failed = 0; failed < MAX_FAILED_BEATS;) {
      await pauseUnless(signal, heartbeatMs);
      if (signal.aborted) return;
      const outcome = await calls.send({ action: 'check' });
      if (outcome === 'refused') break;
      failed = outcome === 'failed' ? failed + 1 : 0;
    }
    this.stop();
  }
}
