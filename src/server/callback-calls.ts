import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from '../observability/log.js';
import { pauseUnless } from '../observability/pause.js';
import type { CallbackRequest } from './callback-request.js';

/** A message to a router about a subscription. */
export type CallbackMessage =
  | { readonly action: 'check' }
  | { readonly action: 'next'; readonly payload: object }
  | { readonly action: 'complete'; readonly errors?: readonly GraphQLFormattedError[] };

/** What became of a call: delivered, refused by the router, which ends the subscription, or not answered properly. */
export type CallOutcome = 'delivered' | 'refused' | 'failed';

/** The name and version of the protocol; routers and servers state it with every call and answer. */
export const PROTOCOL_HEADER = { 'subscription-protocol': 'callback/1.0' };

/** Longest wait for the answer to one call, ms; the check happens while its own caller waits. */
const MAX_CALL_MS = 5_000;
/** Waits before the second try and those after it, ms. */
const RETRY_WAITS_MS = [100, 200, 400, 800, 1_000];

/** The calls to a router about one subscription. They never reject: each resolves to its outcome. */
export class CallbackCalls {
  readonly #to: CallbackRequest;
  readonly #callMs: number;
  readonly #log: Logger;

  /** @param requestTimeoutMs how long a request may take */
  constructor(to: CallbackRequest, requestTimeoutMs: number, log: Logger) {
    this.#to = to;
    this.#callMs = Math.min(MAX_CALL_MS, requestTimeoutMs / 2);
    this.#log = log;
  }

  /** Sends a message once. */
  async send(message: CallbackMessage): Promise<CallOutcome> {
    const { url, id, verifier } = this.#to;
    try {
      // A redirect would lead away from what is allowed.
      const { ok, status, body } = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...PROTOCOL_HEADER },
        body: JSON.stringify({ kind: 'subscription', ...message, id, verifier }),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#callMs),
      });
      await body?.cancel();
      if (ok) return 'delivered';
      this.#log.info({ action: message.action, status }, 'a router refused a callback');
      return status >= 400 && status < 500 ? 'refused' : 'failed';
    } catch (error) {
      this.#log.info({ err: error, action: message.action }, 'a callback did not reach its router');
      return 'failed';
    }
  }

  /** Sends a message until it is delivered or refused, a few times at most, or until `signal` is aborted. */
  async deliver(message: CallbackMessage, signal: AbortSignal): Promise<CallOutcome> {
    for (const wait of RETRY_WAITS_MS) {
      const outcome = await this.send(message);
      if (outcome !== 'failed' || signal.aborted) return outcome;
      await pauseUnless(signal, wait);
    }
    return this.send(message);
  }
}
