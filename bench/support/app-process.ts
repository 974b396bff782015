/**
 * The real app in a process of its own, started with an IPC channel by app-server.ts: says where it listens, profiles itself
 * when told to, and ends with its parent.
 */
import { startApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { createLogger } from '../../src/observability/log.js';
import { createMemoryHints } from '../../src/subscriptions/memory-hints.js';
import { createInstantBus } from './instant-bus.js';
import { startProfile, type Shares } from './profile.js';

/** What the server is told. */
export type Order = 'profile' | 'tell';

/** What the server says: where it is, once, and the profile when it is asked. */
export type Word = { readonly url: string; readonly grpcPort: number } | { readonly shares: Shares };

const say = (word: Word) => process.send?.(word);
let tell: (() => Promise<Shares>) | undefined;

process.on('message', (order: Order) => void obey(order));
process.once('disconnect', () => process.exit(0));

const parts = { bus: createInstantBus(), hints: createMemoryHints(), log: createLogger('warn') };
const { httpUrl, grpcPort } = await startApp(loadConfig(process.env), parts);
say({ url: httpUrl, grpcPort });

async function obey(order: Order): Promise<void> {
  if (order === 'profile') tell = await startProfile();
  else if (tell) say({ shares: await tell() });
}
