import { setTimeout as pause } from 'node:timers/promises';
import { signToken } from '../../../dev/sample/sign-token.js';
import { askReplica, type Replica } from './replica.js';
import { SITE_SECRET } from './secrets.js';

const LIMIT_MS = 120_000;
const AGAIN_MS = 200;

export interface Who {
  readonly userId: string;
  /** Which replica is asked first; the next try goes to the next one, as behind a balancer. */
  readonly first: number;
  /** Hears of every call that was not answered as in quiet times. */
  readonly onFailure?: (failure: unknown) => void;
}

/** Somebody who calls the graph, now at one replica, now at another. */
export class Caller {
  readonly #replicas: readonly Replica[];
  readonly #userId: string;
  readonly #onFailure: (failure: unknown) => void;
  #next: number;
  #token: string | undefined;

  constructor(replicas: readonly Replica[], { userId, first, onFailure }: Who) {
    this.#replicas = replicas;
    this.#userId = userId;
    this.#next = first;
    this.#onFailure = onFailure ?? (() => undefined);
  }

  /** The access token. */
  async token(): Promise<string> {
    const who = { userId: this.#userId, roles: ['student'], ttlSeconds: 3_600, secret: SITE_SECRET };
    return (this.#token ??= await signToken(who));
  }

  /** @throws Error when the answer is none, or is that a service is not available */
  async ask<T>(query: string, variables: object): Promise<T> {
    const replica = this.#replicas[this.#next++ % this.#replicas.length];
    if (!replica) throw new Defect('there is no replica');
    try {
      const { data, errors } = await askReplica(replica, await this.token(), query, variables);
      if (data === undefined) throw new Defect(`the answer has no data: ${JSON.stringify(errors)}`);
      if (data === null || errors) throw new Error(JSON.stringify(errors));
      if (JSON.stringify(data).includes('SERVICE_UNAVAILABLE')) throw new Error(JSON.stringify(data));
      return data;
    } catch (error) {
      this.#onFailure(error);
      throw error;
    }
  }
}

/** A defect of the test or the product, not a fault to be outlived. */
class Defect extends Error {
  override name = 'Defect';
}

/** Repeats a step until it answers something. @throws Error after two minutes, with the last failure */
export async function insist<T>(step: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    let failure: unknown;
    try {
      const result = await step();
      if (result !== undefined) return result;
    } catch (error) {
      failure = error;
    }
    if (failure instanceof Defect) throw failure;
    if (Date.now() > until) throw new Error(`a buyer gave up: ${String(failure)}`, { cause: failure });
    await pause(AGAIN_MS);
  }
}
