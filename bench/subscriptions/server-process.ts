/**
 * The real app in a process of its own, with hints in memory: notes when changes were committed, and measures its memory.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { createLogger } from '../../src/observability/log.js';
import type { Hints } from '../../src/subscriptions/hints.js';
import { createMemoryHints } from '../../src/subscriptions/memory-hints.js';
import { createInstantBus } from '../support/instant-bus.js';
import { machineMs, type Moment } from './moments.js';

/** What the server is told: to tell what it noted, or how much memory it holds. */
export type ServerOrder = 'commits' | 'memory';

/** What it says: where it is, once, and what it is asked for. */
export type ServerWord =
  { readonly url: string } | { readonly commits: readonly Moment[] } | { readonly bytes: number };

const say = (word: ServerWord) => process.send?.(word);
let commits: Moment[] = [];

process.on('message', (order: ServerOrder) => {
  if (order === 'memory') return say({ bytes: bytesHeld() });
  say({ commits });
  commits = [];
});
process.once('disconnect', () => process.exit(0));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const parts = { bus: createInstantBus(), hints: noting(createMemoryHints()), log: createLogger('warn') };
const { httpUrl } = await startApp(loadConfig(process.env), parts);
say({ url: httpUrl });

/** Hints are published in the moment after the commit. */
function noting(hints: Hints): Hints {
  return {
    ...hints,
    publish(channel, hint) {
      if (channel.startsWith('order:')) commits.push([hint.aggregateId, hint.version, machineMs()]);
      hints.publish(channel, hint);
    },
  };
}

function bytesHeld(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
