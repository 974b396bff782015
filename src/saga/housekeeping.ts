import { mergeRevenue } from '../commands/merge-revenue.js';
import type { Environment } from '../commands/environment.js';
import { SagaKind } from '../entities/saga.js';
import { Loop } from '../observability/loop.js';
import type { Metrics } from '../observability/metrics.js';
import type { DatabaseClock } from '../persistence/database-clock.js';
import { forgetOld, type Ages } from '../persistence/retention.js';
import { countStuck } from './runner.js';

const EVERY_MS = 10_000;
const MEASURE_CLOCK_MS = 60_000;
const WAITING = `select count(*) as n, extract(epoch from clock_timestamp() - min(created_at)) as oldest from outbox`;
const SUSPICIOUS = `select count(*) as n from suspicious_payments where status = 'OPEN'`;
const OLDEST_TRANSACTION = `
  select extract(epoch from clock_timestamp() - min(xact_start)) as seconds from pg_stat_activity
  where datname = current_database() and application_name = 'order-service'`;

/** Small regular work: gauges, the clock's offset, revenue, rows that have had their time. */
export class Housekeeping {
  readonly #env: Environment;
  readonly #clock: DatabaseClock;
  readonly #metrics: Metrics;
  readonly #openStreams: () => number;
  readonly #ages: Ages;
  readonly #loop: Loop;
  #measuredAt = performance.now();

  constructor(env: Environment, clock: DatabaseClock, metrics: Metrics, openStreams: () => number, ages: Ages) {
    this.#env = env;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#openStreams = openStreams;
    this.#ages = ages;
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
    const [suspicious] = await fork().execute<{ n: string }[]>(SUSPICIOUS);
    this.#metrics.suspiciousPayments.set(Number(suspicious?.n ?? 0));
    const [waiting] = await fork().execute<{ n: string; oldest: string | null }[]>(WAITING);
    this.#metrics.outboxWaiting.set(Number(waiting?.n ?? 0));
    this.#metrics.outboxOldest.set(Number(waiting?.oldest ?? 0));
    const [busy] = await fork().execute<{ seconds: string | null }[]>(OLDEST_TRANSACTION);
    this.#metrics.oldestTransaction.set(Number(busy?.seconds ?? 0));
    if (performance.now() - this.#measuredAt > MEASURE_CLOCK_MS) {
      await this.#clock.measure();
      this.#measuredAt = performance.now();
    }
    const mayMerge = await mergeRevenue(fork);
    const mayForget = await forgetOld(fork, this.#clock.now(), this.#ages);
    return mayForget || mayMerge;
  }
}
