import { mergeRevenue } from '../commands/merge-revenue.js';
import type { Environment } from '../commands/environment.js';
import { SagaKind } from '../entities/saga.js';
import { Loop } from '../observability/loop.js';
import type { Metrics } from '../observability/metrics.js';
import type { DatabaseClock } from '../persistence/database-clock.js';
import { forgetOldRequests } from '../persistence/idempotency.js';
import { countStuck } from './runner.js';

const EVERY_MS = 10_000;
const MEASURE_CLOCK_MS = 60_000;

/** Small regular work: gauges, the clock's offset, idempotency keys that are past their time. */
export class Housekeeping {
  readonly #env: Environment;
  readonly #clock: DatabaseClock;
  readonly #metrics: Metrics;
  readonly #openStreams: () => number;
  readonly #keepMs: number;
  readonly #loop: Loop;
  #measuredAt = performance.now();

  constructor(env: Environment, clock: DatabaseClock, metrics: Metrics, openStreams: () => number, keepMs: number) {
    this.#env = env;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#openStreams = openStreams;
    this.#keepMs = keepMs;
    this.#loop = new Loop('housekeeping', EVERY_MS, () => this.#round(), env.log);
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    const { fork } = this.#env;
    this.#metrics.streams.set(this.#openStreams());
    const stuck = await countStuck(fork);
    for (const kind of Object.values(SagaKind)) this.#metrics.sagasStuck.set({ kind }, stuck.get(kind) ?? 0);
    const [waiting] = await fork().execute<{ n: string }[]>('select count(*) as n from outbox');
    this.#metrics.outboxWaiting.set(Number(waiting?.n ?? 0));
    if (performance.now() - this.#measuredAt > MEASURE_CLOCK_MS) {
      await this.#clock.measure();
      this.#measuredAt = performance.now();
    }
    const mayMerge = await mergeRevenue(fork);
    const forgotten = await forgetOldRequests(fork, new Date(this.#clock.now().getTime() - this.#keepMs));
    return forgotten > 0 || mayMerge;
  }
}
