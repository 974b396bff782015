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

/** A partition that has lag and has not advanced for this long counts as blocked, ms. */
const BLOCKED_MS = 60_000;

/** Where a partition stands, and since when (ms, monotonic). */
interface Standstill {
  readonly next: bigint;
  readonly since: number;
}

/** A partition whose messages wait although time has passed. */
export interface BlockedPartition {
  readonly topic: string;
  readonly partition: number;
  /** The offset that does not get past. */
  readonly offset: bigint;
}

/** What the measurements are reported to. */
export interface LagReport {
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Why a partition failed last, where this process knows. */
  readonly failureOf?: (topic: string, partition: number) => unknown;
}

const placeOf = ({ topic, partition }: PartitionLag): string => `${topic}/${partition}`;

/**
 * Measures how far the consumer is behind: current is one that has handled everything that was there ten seconds ago.
 * Under load there is always something that has just arrived.
 */
export class ConsumerLag {
  readonly #measureBus: () => Promise<readonly PartitionLag[]>;
  readonly #report: LagReport;
  readonly #monotonicMs: () => number;
  readonly #loop: Loop;
  #history: readonly Ends[] = [];
  /** Topics that are behind; undefined while nobody can tell. */
  #behind: ReadonlySet<string> | undefined;
  #standstills: ReadonlyMap<string, Standstill> = new Map();
  #blocked: readonly BlockedPartition[] = [];

  /** @param monotonicMs a clock that only grows, ms */
  constructor(
    bus: Pick<Bus, 'lag'>,
    group: string,
    topics: readonly string[],
    report: LagReport,
    monotonicMs: () => number = () => performance.now(),
  ) {
    this.#measureBus = () => bus.lag(group, topics);
    this.#report = report;
    this.#monotonicMs = monotonicMs;
    this.#loop = new Loop('consumer lag', EVERY_MS, () => this.measure(), report.log);
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

  /** Partitions that have lag and have not advanced for a minute. */
  blockedPartitions(): readonly BlockedPartition[] {
    return this.#blocked;
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
    this.#findBlocked(lags, now);
    this.#show(lags);
    return false;
  }

  #findBlocked(lags: readonly PartitionLag[], now: number): void {
    const standing = lags.filter(({ next, end }) => next < end);
    const known = this.#standstills;
    this.#standstills = new Map(
      standing.map((lag) => {
        const before = known.get(placeOf(lag));
        return [placeOf(lag), before?.next === lag.next ? before : { next: lag.next, since: now }] as const;
      }),
    );
    const isBlocked = (lag: PartitionLag) => now - (this.#standstills.get(placeOf(lag))?.since ?? now) >= BLOCKED_MS;
    const blocked = standing
      .filter(isBlocked)
      .map(({ topic, partition, next: offset }) => ({ topic, partition, offset }));
    for (const one of blocked) if (!this.#wasReported(one)) this.#logBlocked(one);
    this.#blocked = blocked;
  }

  #wasReported({ topic, partition, offset }: BlockedPartition): boolean {
    return this.#blocked.some((one) => one.topic === topic && one.partition === partition && one.offset === offset);
  }

  #logBlocked({ topic, partition, offset }: BlockedPartition): void {
    const err = this.#report.failureOf?.(topic, partition);
    const place = { topic, partition, offset: String(offset) };
    this.#report.log.error({ err, ...place }, 'a partition has lag and has not advanced for a minute');
  }

  #show(lags: readonly PartitionLag[]): void {
    const { metrics } = this.#report;
    metrics.partitionsBlocked.reset();
    for (const { topic, partition } of this.#blocked) metrics.partitionsBlocked.set({ topic, partition }, 1);
    for (const [topic, partitions] of Map.groupBy(lags, (lag) => lag.topic)) {
      const behind = partitions.reduce((sum, { end, next }) => sum + (end - next), 0n);
      metrics.consumerLag.set({ topic }, Number(behind));
    }
  }
}
