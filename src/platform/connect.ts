import type { ChannelCredentials } from 'nice-grpc';
import type { Config } from '../config.js';
import type { HealthCheck } from '../observability/health.js';
import { Caller } from './caller.js';
import { createCourseCache, type CourseCache, type CourseCacheOptions } from './course-cache.js';
import { createCourseClient } from './course-client.js';
import type { Neighbours } from './neighbours.js';
import { createPaymentClient } from './payment-client.js';
import { createSessionClient } from './session-client.js';
import { createUserClient } from './user-client.js';

/** What the cache of courses needs of the rest. */
export type CatalogueOptions = Pick<CourseCacheOptions, 'deleted' | 'announce' | 'log' | 'redisTls'>;

export interface ConnectedNeighbours extends Neighbours {
  readonly courses: CourseCache;
  /** Whether each of them answers; none is needed to serve what is here. */
  readonly checks: readonly HealthCheck[];
  close(): void;
}

/** Opens the channels to all neighbours. Channels connect lazily: a neighbour that is down does not stop the start. */
export function connectNeighbours(
  config: Config,
  credentials: ChannelCredentials,
  catalogue: CatalogueOptions,
): ConnectedNeighbours {
  const callers: Caller[] = [];
  const caller = (service: string, address: string) => {
    const made = new Caller(service, address, config.NEIGHBOUR_TIMEOUT_MS, credentials);
    callers.push(made);
    return made;
  };
  const address = (name: 'USER_SERVICE_GRPC' | 'COURSE_SERVICE_GRPC' | 'PAYMENT_SERVICE_GRPC') => {
    const value = config[name];
    if (!value) throw new Error(`${name} is missing`);
    return value;
  };
  const sessions = config.SESSION_SERVICE_GRPC;
  const courses = createCourseCache(createCourseClient(caller('course', address('COURSE_SERVICE_GRPC'))), {
    ttlMs: config.COURSE_CACHE_SECONDS * 1_000,
    redisUrl: config.REDIS_URL,
    ...catalogue,
  });
  return {
    users: createUserClient(caller('user', address('USER_SERVICE_GRPC'))),
    courses,
    payments: createPaymentClient(caller('payment', address('PAYMENT_SERVICE_GRPC')), config.PAYMENT_CONTRACT),
    sessions: sessions ? createSessionClient(caller('session', sessions)) : undefined,
    checks: callers.map((one) => ({
      name: `${one.service}_service`,
      required: false,
      check: () => one.isAnswering(),
    })),
    close: () => {
      callers.forEach((one) => one.close());
      courses.close();
    },
  };
}
