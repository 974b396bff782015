import type { GetSessionResponse } from '../../src/generated/session_service.js';
import { SessionServiceDefinition } from '../../src/generated/session_service.js';
import type { Log } from '../neighbours/log.js';
import type { SampleSession } from '../sample/sample-data.js';
import { subgraphSdl } from './sdl.js';
import { serveSubgraph } from './serve-subgraph.js';
import { callService, connect } from './service-call.js';

const UNKNOWN = /not found/i;

export interface SessionsSubgraphOptions {
  readonly host: string;
  readonly port: number;
  /** host:port of the session service. */
  readonly sessionService: string;
  readonly sessions: readonly SampleSession[];
  readonly log: Log;
}

interface Directory {
  /** Those of the sample that have not begun, as the session service tells it. */
  upcoming(): Promise<{ id: string }[]>;
  close(): void;
}

function isUpcoming(startsAt: Date | string | undefined): boolean {
  return !startsAt || new Date(startsAt) > new Date();
}

function isKnown(id: string, { sessionId, error }: GetSessionResponse): boolean {
  if (UNKNOWN.test(error)) return false;
  if (error || sessionId !== id) throw new Error(error || 'an answer about another session');
  return true;
}

function serviceDirectory(address: string, sessions: readonly SampleSession[], log: Log): Directory {
  const { client, close } = connect(SessionServiceDefinition, address);
  const find = async ({ id }: SampleSession) => {
    const answer = await client.getSession({ sessionId: id });
    return isKnown(id, answer) && isUpcoming(answer.startsAt) ? [{ id }] : [];
  };
  return {
    upcoming: () => callService('session', log, async () => (await Promise.all(sessions.map(find))).flat()),
    close,
  };
}

/** Sessions: the session service has no call that lists them, so the sample says which ones to ask it for. */
export async function startSessionsSubgraph(options: SessionsSubgraphOptions) {
  const { host, port, sessionService, sessions, log } = options;
  const directory = serviceDirectory(sessionService, sessions, log);
  const resolvers = { Query: { upcomingSessions: () => directory.upcoming() } };
  const subgraph = await serveSubgraph({
    host,
    port,
    sdl: subgraphSdl.sessions,
    resolvers,
    context: () => ({}),
    log,
  });
  return {
    url: subgraph.url,
    stop: async () => {
      await subgraph.stop();
      directory.close();
    },
  };
}
