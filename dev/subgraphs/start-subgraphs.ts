import type { Log } from '../neighbours/log.js';
import type { SampleData } from '../sample/sample-data.js';
import { startCoursesSubgraph } from './courses-subgraph.js';
import type { RunningSubgraph } from './serve-subgraph.js';
import { startSessionsSubgraph } from './sessions-subgraph.js';
import { startUsersSubgraph } from './users-subgraph.js';

export { subgraphSdl } from './sdl.js';

type PerSubgraph<T> = Readonly<Record<'users' | 'courses' | 'sessions', T>>;

export interface SubgraphsOptions {
  /** 0 takes a free one. */
  readonly ports: PerSubgraph<number>;
  /** host:port of the services they stand before. */
  readonly addresses: Readonly<Record<'user' | 'course' | 'session', string>>;
  readonly sample: SampleData;
  /** The shared secret of access tokens. */
  readonly jwtSecret: string;
  /** The address to listen on. Default 127.0.0.1. */
  readonly bindHost?: string;
  readonly log: Log;
}

export interface Subgraphs {
  /** Of the GraphQL endpoints. */
  readonly urls: PerSubgraph<string>;
  stop(): Promise<void>;
}

/** Starts the subgraphs of users, courses and sessions. A start that fails stops what it has started. */
export async function startSubgraphs(options: SubgraphsOptions): Promise<Subgraphs> {
  const { ports, addresses, sample, jwtSecret, bindHost: host = '127.0.0.1', log } = options;
  const starting = [
    startUsersSubgraph({ host, port: ports.users, userService: addresses.user, jwtSecret, log }),
    startCoursesSubgraph({ host, port: ports.courses, courseService: addresses.course, log }),
    startSessionsSubgraph({
      host,
      port: ports.sessions,
      sessionService: addresses.session,
      sessions: sample.sessions,
      log,
    }),
  ] as const;
  const started = await Promise.allSettled(starting);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await stopAll(started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
    throw failed.reason;
  }
  const [users, courses, sessions] = await Promise.all(starting);
  return {
    urls: { users: users.url, courses: courses.url, sessions: sessions.url },
    stop: () => stopAll([users, courses, sessions]),
  };
}

async function stopAll(subgraphs: readonly RunningSubgraph[]): Promise<void> {
  await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
}
