import { createLocalJWKSet, errors, importJWK, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import type { Logger } from '../observability/log.js';

/** The key set cannot be had: nothing is known about tokens, which may be as good as any. */
export class KeySetUnavailable extends Error {
  override name = 'KeySetUnavailable';
}

export interface KeySetOptions {
  readonly url: string;
  /** How long the last key set counts while the endpoint does not answer, ms. */
  readonly staleMs: number;
  readonly log?: Logger | undefined;
  /** A clock that only grows, ms. */
  readonly monotonicMs?: () => number;
}

/** The algorithms of tokens that are verified by a key set. */
export const KEY_SET_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
type KeySetAlgorithm = (typeof KEY_SET_ALGORITHMS)[number];

const FETCH_MS = 2_000;
/** Keys are fetched again in the background when they are older than this, ms. */
const REFRESH_MS = 10 * 60_000;
/** A key that is not in the set makes it be fetched again, but not more often than this, ms. */
const UNKNOWN_KEY_MS = 30_000;
/** After a failure the endpoint is left alone for this time, ms. */
const REST_MS = 5_000;

/**
 * The keys of the platform's auth service. While its endpoint is away, the last good keys count for a bounded time;
 * jose's own remote set would refuse every token as soon as its cache is old.
 */
export class KeySet {
  readonly #options: KeySetOptions;
  readonly #monotonicMs: () => number;
  #keys: JWTVerifyGetKey | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;

  constructor(options: KeySetOptions) {
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** How old the keys are, ms; infinite before they were fetched. */
  get ageMs(): number {
    return this.#monotonicMs() - this.#fetchedAt;
  }

  /** False while the endpoint does not answer. */
  isReachable(): boolean {
    return this.#failedAt < this.#fetchedAt;
  }

  /** Fetches the keys before the first token comes. A failure is logged; the first token tries again. */
  async load(): Promise<void> {
    await this.#refresh();
  }

  /** The key of a token. @throws JOSEError for a token that no key fits, KeySetUnavailable where that cannot be known */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    if (this.ageMs >= this.#options.staleMs) await this.#fetch();
    else if (this.ageMs >= REFRESH_MS) void this.#refresh();
    try {
      return await this.#find(header, token);
    } catch (error) {
      const isKeyMissing = error instanceof errors.JWKSNoMatchingKey || error instanceof KeySetUnavailable;
      if (!isKeyMissing || this.ageMs < UNKNOWN_KEY_MS) throw error;
      await this.#fetch();
      return this.#find(header, token);
    }
  };

  async #find(...[header, token]: Parameters<JWTVerifyGetKey>) {
    if (!this.#keys) throw new KeySetUnavailable('the key set was never fetched');
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw error;
      throw new KeySetUnavailable('the key set has a key that cannot be used', { cause: error });
    }
  }

  /** Fetches, and leaves the present keys where that fails, which is logged there. */
  async #refresh(): Promise<void> {
    try {
      await this.#fetch();
    } catch (error) {
      if (!(error instanceof KeySetUnavailable)) throw error;
    }
  }

  /** One fetch at a time, and none soon after a failure. @throws KeySetUnavailable */
  #fetch(): Promise<void> {
    if (this.#monotonicMs() - this.#failedAt < REST_MS)
      return Promise.reject(new KeySetUnavailable('the key set could not be fetched a moment ago'));
    this.#fetching ??= this.#fetchNow().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(FETCH_MS);
      const answer = await fetch(this.#options.url, {
        signal,
        redirect: 'error',
        headers: { accept: 'application/json' },
      });
      if (!answer.ok) throw new Error(`the endpoint answered ${answer.status}`);
      this.#keys = createLocalJWKSet(await usableKeys((await answer.json()) as JSONWebKeySet));
      this.#fetchedAt = this.#monotonicMs();
    } catch (error) {
      this.#failedAt = this.#monotonicMs();
      this.#options.log?.warn(
        { err: error, ageMs: this.#keys && Math.round(this.ageMs) },
        'the key set cannot be fetched',
      );
      throw new KeySetUnavailable('the key set cannot be fetched', { cause: error });
    }
  }
}

/** The keys of a set that can be used. @throws Error for a set without any, so that the last good set keeps counting */
async function usableKeys(set: JSONWebKeySet): Promise<JSONWebKeySet> {
  const candidates: readonly unknown[] = Array.isArray(set.keys) ? set.keys : [];
  const usable = await Promise.all(candidates.map(isUsable));
  const keys = candidates.filter((_, at) => usable[at]) as JWK[];
  if (keys.length === 0) throw new Error('the endpoint answered a set without a usable key');
  return { ...set, keys };
}

/** Whether access tokens can be verified by a key: it is complete, and of one of the algorithms. */
async function isUsable(key: unknown): Promise<boolean> {
  if (typeof key !== 'object' || key === null) return false;
  const { use, key_ops: operations = ['verify'], alg, ...rest } = key as JWK;
  const algorithm = algorithmOf(rest);
  if (!algorithm || (alg ?? algorithm) !== algorithm) return false;
  if ((use ?? 'sig') !== 'sig' || !Array.isArray(operations) || !operations.includes('verify')) return false;
  return importJWK(rest, algorithm).then(
    () => true,
    () => false,
  );
}

/** The algorithm that a key is for, which its `alg` need not say; undefined for one by which no token is verified here. */
function algorithmOf({ kty, crv }: JWK): KeySetAlgorithm | undefined {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
}
