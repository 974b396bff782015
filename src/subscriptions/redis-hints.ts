import type { ConnectionOptions } from 'node:tls';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import type { Hints } from './hints.js';

/** Hints kept for a Redis that is away; later ones are dropped, because whoever reconnects reads everything anyway. */
const MOST_PENDING = 1_000;
const SUBSCRIBE_MS = 5_000;
const PING_MS = 2_000;

const CONNECTION: RedisOptions = {
  // Commands wait for Redis to come back; how many may wait is bounded here, how long by the callers.
  maxRetriesPerRequest: null,
  retryStrategy: (tries) => Math.min(tries * 50, 1_000),
  connectTimeout: 3_000,
};

/**
 * The ready check sends INFO, which a connection that has subscribed may not send: it would fail whenever a subscription is
 * faster. And what ioredis subscribes to by itself after a reconnection ends the process if the connection breaks again.
 */
const SUBSCRIBER: RedisOptions = { ...CONNECTION, enableReadyCheck: false, autoResubscribe: false };

export interface RedisHintsOptions {
  /** redis:// or rediss:// */
  readonly url: string;
  /** Of a rediss:// URL, where the system's authorities do not do. */
  readonly tls?: ConnectionOptions | undefined;
  readonly log: Logger;
}

/** Hints over Redis pub/sub. Connects in the background; subscribe rejects when Redis does not acknowledge within 5 s. */
export function createRedisHints(options: RedisHintsOptions): Hints {
  const { log } = options;
  const publisher = connect(options, 'publisher', CONNECTION);
  const subscriber = connect(options, 'subscriber', SUBSCRIBER);
  keepRejections(subscriber, log);
  const pubSub = new RedisPubSub({ publisher, subscriber });
  const listeners = new Set<() => void>();
  let pending = 0;
  const channels = () => [...pubSub['subsRefsMap'].keys()];
  onReconnection(subscriber, channels, log, () => listeners.forEach((listener) => listener()));

  return {
    publish(channel, hint) {
      if (pending >= MOST_PENDING) return log.debug({ channel }, 'hint dropped: too many wait for Redis');
      pending++;
      pubSub
        .publish(channel, hint)
        .catch((error: unknown) => log.warn({ err: error, channel }, 'hint not sent'))
        .finally(() => pending--);
    },
    async subscribe(channel, onHint) {
      const subscribing = pubSub.subscribe(channel, onHint);
      keepPending(pubSub, channel, log);
      try {
        const id = await inTime(subscribing, SUBSCRIBE_MS);
        return async () => pubSub.unsubscribe(id);
      } catch (error) {
        // Redis may still acknowledge it: nobody listens then.
        subscribing.then(
          (id) => pubSub.unsubscribe(id),
          (reason: unknown) => log.debug({ err: reason, channel }, 'subscription given up'),
        );
        throw error;
      }
    },
    onReconnect(listener) {
      // Wrapped, so that one function registered twice counts twice.
      const entry = () => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    async ping() {
      await inTime(Promise.all([publisher.ping(), subscriber.ping()]), PING_MS);
    },
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

function connect({ url, tls, log }: RedisHintsOptions, role: string, options: RedisOptions): Redis {
  const secure = tls ? { tls } : {};
  const redis = new Redis(url, { ...options, ...secure, connectionName: `orders-hints-${role}` });
  return redis.on('error', (error) => log.warn({ err: error, role }, 'Redis connection failed'));
}

/** RedisPubSub ignores the promises of these two commands: a rejection, as at close, would end the process. */
function keepRejections(redis: Redis, log: Logger): void {
  for (const command of ['unsubscribe', 'punsubscribe'] as const) {
    const original = redis[command].bind(redis) as (...channels: string[]) => Promise<unknown>;
    const quiet = (...channels: string[]) =>
      original(...channels).catch((error: unknown) => log.debug({ err: error, channels }, `${command} failed`));
    Object.assign(redis, { [command]: quiet });
  }
}

/**
 * RedisPubSub keeps a second promise for whoever subscribes to the channel meanwhile: where nobody does, its rejection has no
 * reader and would end the process.
 */
function keepPending(pubSub: RedisPubSub, channel: string, log: Logger): void {
  const waiting = pubSub['subsPendingRefsMap'].get(channel)?.pending as Promise<number> | undefined;
  waiting?.catch((error: unknown) => log.debug({ err: error, channel }, 'subscription failed'));
}

/** After every connection but the first: subscribes to everything again, then says that hints may have been missed. */
function onReconnection(redis: Redis, channels: () => readonly string[], log: Logger, listener: () => void): void {
  let isFirst = true;
  redis.on('ready', () => {
    if (isFirst) isFirst = false;
    else void resubscribe();
  });
  const resubscribe = async () => {
    try {
      const all = channels();
      if (all.length > 0) await redis.subscribe(...all);
      listener();
    } catch (error) {
      log.warn({ err: error }, 'Redis went away while reconnecting');
    }
  };
}

async function inTime<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
