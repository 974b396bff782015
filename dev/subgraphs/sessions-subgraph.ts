import type { Log } from '../neighbours/log.js';
import type { SampleSession } from '../sample/sample-data.js';
import { serveSubgraph } from './serve-subgraph.js';
import { subgraphSdl } from './sdl.js';

export interface SessionsSubgraphOptions {
  readonly host: string;
  readonly port: number;
  readonly sessions: readonly SampleSession[];
  readonly log: Log;
}

/** Sessions: the session service has no call that lists them, so they are the sample's. */
export function startSessionsSubgraph({ host, port, sessions, log }: SessionsSubgraphOptions) {
  const isUpcoming = ({ startsAt }: SampleSession) => !startsAt || startsAt > new Date();
  const resolvers = {
    Query: { upcomingSessions: () => sessions.filter(isUpcoming).map(({ id }) => ({ id })) },
  };
  return serveSubgraph({ host, port, sdl: subgraphSdl.sessions, resolvers, context: () => ({}), log });
}
