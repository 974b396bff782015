import type { Logger } from '../observability/log.js';
import { Loop } from '../observability/loop.js';
import type { Metrics } from '../observability/metrics.js';
import type { Bus, PartitionLag } from './bus/bus.js';

const EVERY_MS = 5_000;
/** News may be this old before the consumer counts as behind, ms. */
const CURRENT_MS = 10_000;

/** Where each partition ended at a time (ms, monotonic). */
interface Ends {
  readonly at: number;
  readonly ends: ReadonlyMap<string, bigint>;
}

const placeOf = ({ topic, partition }: PartitionLag): string => `${topic}/${partition}`;

/**
 * Measures how far the consumer is behind: current is one that has handled everything that was there ten seconds ago.
 * Under load there is always something that has just arrived.
 */
export class ConsumerLag {
  readonly #measureBus: () => Promise<readonly PartitionLag[]>;
  readonly #metrics: Metrics;
  readonly #monotonicMs: () => number;
  readonly #loop: Loop;
  #history: readonly Ends[] = [];
  /** Topics that are behind; undefined while nobody can tell. */
  #behind: ReadonlySet<string> | undefined;

  /** @param monotonicMs a clock that only grows, ms */
  constructor(
    bus: Pick<Bus, 'lag'>,
    group: string,
    topics: readonly string[],
    { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
    monotonicMs: () => number = () => performance.now(),
  ) {
    this.#measureBus = () => bus.lag(group, topics);
    this.#metrics = metrics;
    this.#monotonicMs = monotonicMs;
    this.#loop = new Loop('consumer lag', EVERY_MS, () => this.measure(), log);
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** False while news of these topics come late, or nobody can tell. */
  isCurrent(topics: readonly string[]): boolean {
    const behind = this.#behind;
    return behind !== undefined && topics.every((topic) => !behind.has(topic));
  }

  /** One measurement. @returns false: the next one is after the pause */
  async measure(): Promise<boolean> {
    const lags = await this.#measureBus().catch((error: unknown) => {
      this.#behind = undefined;
      throw error;
    });
    const now = this.#monotonicMs();
    const old = this.#history.findLast(({ at }) => now - at >= CURRENT_MS);
    const isBehind = (lag: PartitionLag) => lag.next < (old?.ends.get(placeOf(lag)) ?? lag.end);
    this.#behind = new Set(lags.filter(isBehind).map(({ topic }) => topic));
    const young = this.#history.filter(({ at }) => now - at < CURRENT_MS);
    const latest = { at: now, ends: new Map(lags.map((lag) => [placeOf(lag), lag.end])) };
    this.#history = [...(old ? [old] : []), ...young, latest];
    this.#show(lags);
    return false;
  }

  #show(lags: readonly PartitionLag[]): void {
    for (const [topic, partitions] of Map.groupBy(lags, (lag) => lag.topic)) {
      const behind = partitions.reduce((sum, { end, next }) => sum + (end - next), 0n);
      this.#metrics.consumerLag.set({ topic }, Number(behind));
    }
  }
}
