import type { ConnectionOptions } from 'node:tls';
import { Redis, type RedisOptions } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Logger } from '../observability/log.js';

const PREFIX = 'edulearn:order:mutations';
const SECONDS = 60;
/** Nobody's mutation waits for a Redis that is slow or away. */
const CONNECTION: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 200,
  connectTimeout: 3_000,
  retryStrategy: (tries) => Math.min(tries * 50, 1_000),
};

export interface RateLimitOptions {
  /** Most mutations of a viewer in a minute. */
  readonly perMinute: number | 'off';
  /** Where replicas count together; without it each process counts for itself. */
  readonly redisUrl: string | undefined;
  readonly redisTls?: ConnectionOptions | undefined;
  readonly log: Logger;
}

export interface RateLimit {
  /**
   * Counts mutations of a viewer.
   * @returns the seconds to wait where they are too many, else undefined
   */
  take(viewerId: string, mutations: number): Promise<number | undefined>;
  close(): void;
}

/** Counts each viewer's mutations in Redis; while Redis is away, in this process. */
export function createRateLimit({ perMinute, redisUrl, redisTls, log }: RateLimitOptions): RateLimit {
  if (perMinute === 'off') return { take: async () => undefined, close: () => undefined };
  const memory = new RateLimiterMemory({ keyPrefix: PREFIX, points: perMinute, duration: SECONDS });
  const redis = redisUrl ? connect(redisUrl, redisTls, log) : undefined;
  const limiter = redis
    ? new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: PREFIX,
        points: perMinute,
        duration: SECONDS,
        rejectIfRedisNotReady: true,
        insuranceLimiter: memory,
      })
    : memory;
  return { take: (viewerId, mutations) => take(limiter, viewerId, mutations), close: () => redis?.disconnect() };
}

function connect(url: string, tls: ConnectionOptions | undefined, log: Logger): Redis {
  const redis = new Redis(url, { ...CONNECTION, ...(tls ? { tls } : {}), connectionName: 'orders-rate-limit' });
  return redis.on('error', (error) => log.warn({ err: error }, 'mutations are counted in this process: no Redis'));
}

async function take(limiter: RateLimiterAbstract, viewerId: string, mutations: number): Promise<number | undefined> {
  try {
    await limiter.consume(viewerId, mutations);
    return undefined;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
  }
}
