import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Order, Word } from './app-process.js';
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
  const child = fork('dev/run.mjs', ['bench/support/app-process.ts'], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      GRPC_PORT: '0',
      USER_SERVICE_GRPC: neighbours,
      COURSE_SERVICE_GRPC: neighbours,
      PAYMENT_SERVICE_GRPC: neighbours,
      JWT_ACCESS_TOKEN_SECRET: SECRET,
      // A few buyers place as fast as the service can.
      RATE_LIMIT: 'off',
      ...settings,
    },
  });
  const { url, grpcPort } = await wordOf<Extract<Word, { url: string }>>(child);
  const send = (order: Order) => child.send(order);
  return {
    url,
    grpcPort,
    pid: child.pid ?? 0,
    profile: async (work) => {
      send('profile');
      await work();
      send('tell');
      return (await wordOf<Extract<Word, { shares: Shares }>>(child)).shares;
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** The next word of the app. @throws Error when it ends instead */
async function wordOf<T extends Word>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the app ended with ${code}`);
  });
  const [word] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return word;
}
