/**
 * A process of its own that serves the real schema to nobody in particular, and tells its parent how large its heap is.
 * Started with --expose-gc by measured-process.ts.
 */
import 'reflect-metadata';
import { pino } from 'pino';
import { ordersSubgraph } from '../../../src/resolvers/index.js';
import { startBareServer } from './bare-server.js';

let warnings = 0;
const log = pino({ level: 'warn' }, { write: () => void warnings++ });
const server = await startBareServer({ schema: ordersSubgraph().schema, log });

process.on('message', () => {
  // Twice, because what finalizers release is collected by the next run only.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ bytes: heapUsed + external, warnings });
});
process.send?.({ url: server.url });
