import type { Order, Word } from './app-process.js';
import { startChild } from './child.js';
import type { Shares } from './profile.js';

/** Signs the tokens of a bench. */
export const SECRET = 'a secret of the bench alone';

/** The real app in a process of its own, with a bus that takes everything at once. */
export interface AppServer {
  readonly url: string;
  readonly grpcPort: number;
  readonly pid: number;
  /** Where the processor time of the app goes while something is done. */
  profile(work: () => Promise<unknown>): Promise<Shares>;
  stop(): Promise<void>;
}

/** @param neighbours host:port of the services that the app calls */
export async function startAppServer(
  databaseUrl: string,
  neighbours: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<AppServer> {
  const app = startChild<Order, Word>('bench/support/app-process.ts', {
    ...appSettings(databaseUrl, neighbours),
    ...settings,
  });
  const { url, grpcPort } = await app.word<Extract<Word, { url: string }>>();
  return {
    url,
    grpcPort,
    pid: app.pid,
    profile: async (work) => {
      app.send('profile');
      await work();
      app.send('tell');
      return (await app.word<Extract<Word, { shares: Shares }>>()).shares;
    },
    stop: () => app.stop(),
  };
}

/** Settings of the app in a bench: free ports, no limit of rates, because a few callers do as much as the service can. */
export function appSettings(databaseUrl: string, neighbours: string): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: databaseUrl,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    GRPC_PORT: '0',
    USER_SERVICE_GRPC: neighbours,
    COURSE_SERVICE_GRPC: neighbours,
    PAYMENT_SERVICE_GRPC: neighbours,
    JWT_ACCESS_TOKEN_SECRET: SECRET,
    RATE_LIMIT: 'off',
  };
}
