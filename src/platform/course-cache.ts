import type { ConnectionOptions } from 'node:tls';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import DataLoader from 'dataloader';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../observability/log.js';
import type { Course, CourseCatalogue, CourseSource } from './neighbours.js';

const MOST_COURSES = 10_000;
const PREFIX = 'edulearn:order:courses';
/** How long misses are gathered into one call, ms. */
const GATHER_MS = 2;
/** A slow or absent Redis must not be slower than the course service itself. */
const CONNECTION: RedisOptions = {
  maxRetriesPerRequest: 1,
  commandTimeout: 200,
  disconnectTimeout: 200,
  retryStrategy: (tries) => Math.min(tries * 50, 1_000),
};

export interface CourseCacheOptions {
  /** How long a course may serve placing without being asked for anew, ms; 0: every placing asks the course service. */
  readonly ttlMs: number;
  /** Shared by the replicas; without it each has its own. */
  readonly redisUrl: string | undefined;
  readonly redisTls?: ConnectionOptions | undefined;
  /** Courses that are not sold any more whatever the course service still says. */
  readonly deleted: { recent(): Promise<ReadonlySet<string>>; forget(): void };
  /** Tells all processes to call `forgetHere`. */
  readonly announce: (courseIds: readonly string[]) => void;
  readonly log: Logger;
}

export interface CourseCache extends CourseCatalogue {
  /** Forgets courses in this process, because another one was told that they have changed. */
  forgetHere(ids: readonly string[]): Promise<void>;
  close(): void;
}

/**
 * The course service behind a cache in two levels, this process and Redis, that news of courses empty. Callers who miss the
 * same course at the same time ask once, and all misses of a moment are one call.
 */
export function createCourseCache(source: CourseSource, options: CourseCacheOptions): CourseCache {
  const { deleted, ttlMs, announce } = options;
  const cached = ttlMs > 0 ? openCache(source, options) : undefined;
  const find = cached?.find ?? ((ids: readonly string[]) => source.findCourses(ids));
  const forgetHere = async (ids: readonly string[]) => {
    deleted.forget();
    await cached?.forget(ids);
  };
  return {
    async findCourses(ids) {
      const [found, gone] = await Promise.all([find(ids), deleted.recent()]);
      return new Map([...found].filter(([id]) => !gone.has(id)));
    },
    isEnrolled: (courseId, userId) => source.isEnrolled(courseId, userId),
    async forget(ids) {
      await forgetHere(ids);
      announce(ids);
    },
    forgetHere,
    close: () => cached?.close(),
  };
}

function openCache(source: CourseSource, { ttlMs, redisUrl, redisTls, log }: CourseCacheOptions) {
  const connection = redisUrl
    ? new Redis(redisUrl, { ...CONNECTION, ...(redisTls ? { tls: redisTls } : {}) })
    : undefined;
  connection?.on('error', (error: Error) => log.debug({ err: error }, 'the cache of courses has no Redis'));
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: MOST_COURSES }));
  const store = connection ? memory.useL2Layer(redisDriver({ connection })) : memory;
  // What Redis cannot tell is asked of the course service.
  const cache = new BentoCache({
    default: 'courses',
    prefix: PREFIX,
    stores: { courses: store },
    suppressL2Errors: true,
  });
  const loader = new DataLoader(
    async (ids: readonly string[]) => {
      const found = await source.findCourses(ids);
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false, batchScheduleFn: (load) => void setTimeout(load, GATHER_MS) },
  );
  return {
    async find(ids: readonly string[]): Promise<ReadonlyMap<string, Course>> {
      const one = (key: string) => cache.getOrSet({ key, ttl: ttlMs, factory: () => loader.load(key) });
      const courses = await Promise.all(ids.map(one));
      return new Map(courses.flatMap((course) => (course ? [[course.id, course] as const] : [])));
    },
    async forget(ids: readonly string[]): Promise<void> {
      await cache.deleteMany({ keys: [...ids] });
    },
    close: () => connection?.disconnect(),
  };
}
