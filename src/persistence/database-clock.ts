import type { Clock } from '../observability/clock.js';
import type { Logger } from '../observability/log.js';
import type { Metrics } from '../observability/metrics.js';
import type { Fork } from './orm.js';

/** The best of so many samples counts: one that waited for something says little. */
const SAMPLES = 5;
/** A round trip that takes longer makes a sample useless, where there is a better one; ms. */
const SLOW_MS = 250;
/** What a machine's monotonic clock may gain or lose: more than any quartz does. */
const DRIFT = 1e-4;
/** Beyond this nobody can say what time it is, ms. */
const MAX_UNCERTAINTY_MS = 1_000;
/** Beyond this the machine's own clock needs somebody to look at it, ms. */
const MAX_OFFSET_MS = 1_000;

/** The database's time at a moment of the monotonic clock, both ms. */
interface Sample {
  readonly databaseMs: number;
  readonly monotonicMs: number;
  readonly roundTripMs: number;
}

export interface DatabaseClockOptions {
  readonly log?: Logger;
  readonly metrics?: Pick<Metrics, 'clockOffset' | 'clockRoundTrip' | 'clockUncertainty'>;
  /** A clock that only grows, ms. */
  readonly monotonicMs?: () => number;
  /** The machine's own clock, ms; only compared with, for operators. */
  readonly machineMs?: () => number;
}

/**
 * The database's time: as it was at the last good sample, and what the monotonic clock says has passed since. The machine's own
 * clock decides nothing, so that a step of it changes nothing.
 */
export class DatabaseClock implements Clock {
  readonly #fork: Fork;
  readonly #options: DatabaseClockOptions;
  readonly #monotonicMs: () => number;
  readonly #machineMs: () => number;
  #last: Sample | undefined;

  constructor(fork: Fork, options: DatabaseClockOptions = {}) {
    this.#fork = fork;
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#machineMs = options.machineMs ?? (() => Date.now());
  }

  /** @throws Error before the first measurement */
  now(): Date {
    if (!this.#last) throw new Error('the time of the database was not measured yet');
    return new Date(Math.round(this.#at(this.#last)));
  }

  /**
   * Takes some samples and goes by the best of them, unless the time is known better than that. Slow ones are discarded;
   * before there is any other, the best of them counts with its uncertainty.
   */
  async measure(): Promise<void> {
    const samples: Sample[] = [];
    for (let n = 0; n < SAMPLES; n++) samples.push(await this.#sample());
    const best = samples.reduce((a, b) => (b.roundTripMs < a.roundTripMs ? b : a));
    const isUsed = this.#isBetter(best);
    if (isUsed) this.#last = best;
    this.#report(best, isUsed);
  }

  /** False when the time is not known to a second: no sample was good for hours. */
  isUsable(): boolean {
    return this.#uncertaintyMs() <= MAX_UNCERTAINTY_MS;
  }

  /** How far the machine's own clock is ahead of the database's, ms. */
  get machineOffsetMs(): number {
    return this.#last ? this.#machineMs() - this.#at(this.#last) : 0;
  }

  /** False when the machine's own clock is more than a second off. Nothing is decided by it. */
  isMachineClockRight(): boolean {
    return Math.abs(this.machineOffsetMs) <= MAX_OFFSET_MS;
  }

  async #sample(): Promise<Sample> {
    const before = this.#monotonicMs();
    const [row] = await this.#fork().execute<{ ms: string }[]>(
      'select extract(epoch from clock_timestamp()) * 1000 as ms',
    );
    const after = this.#monotonicMs();
    if (!row) throw new Error('the database did not tell its time');
    return { databaseMs: Number(row.ms), monotonicMs: (before + after) / 2, roundTripMs: after - before };
  }

  #at({ databaseMs, monotonicMs }: Sample): number {
    return databaseMs + (this.#monotonicMs() - monotonicMs);
  }

  /** Half of its round trip, and what the monotonic clock may be off since. */
  #uncertaintyOf({ roundTripMs, monotonicMs }: Sample): number {
    return roundTripMs / 2 + Math.max(0, this.#monotonicMs() - monotonicMs) * DRIFT;
  }

  #uncertaintyMs(): number {
    return this.#last ? this.#uncertaintyOf(this.#last) : Number.POSITIVE_INFINITY;
  }

  /** Quick, more certain than what is known, or proof that what is known is wrong: a database that was failed over, a suspended machine. */
  #isBetter(sample: Sample): boolean {
    if (!this.#last || sample.roundTripMs <= SLOW_MS) return true;
    const [known, seen] = [this.#uncertaintyMs(), this.#uncertaintyOf(sample)];
    return seen < known || Math.abs(this.#at(sample) - this.#at(this.#last)) > known + seen;
  }

  #report({ roundTripMs }: Sample, isUsed: boolean): void {
    const { log, metrics } = this.#options;
    const offsetMs = Math.round(this.machineOffsetMs);
    metrics?.clockOffset.set(offsetMs / 1_000);
    metrics?.clockRoundTrip.set(roundTripMs / 1_000);
    metrics?.clockUncertainty.set(this.#uncertaintyMs() / 1_000);
    const measured = {
      offsetMs,
      roundTripMs: Math.round(roundTripMs),
      uncertaintyMs: Math.round(this.#uncertaintyMs()),
    };
    if (!isUsed)
      log?.warn(measured, 'the database answered too slowly to measure the time; the last good sample counts');
    else if (!this.isMachineClockRight())
      log?.warn(measured, 'the clock of this machine is off; the database’s time counts');
    else log?.info(measured, 'the time of the database was measured');
  }
}
