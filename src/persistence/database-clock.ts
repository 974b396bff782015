import type { Clock } from '../observability/clock.js';
import type { Fork } from './orm.js';

/** Beyond this the machine's clock is not to be trusted, ms. */
const MAX_OFFSET_MS = 1_000;

/** The database's time: this machine's clock, corrected by the offset measured at start and every minute. */
export class DatabaseClock implements Clock {
  readonly #fork: Fork;
  #offset = 0;

  constructor(fork: Fork) {
    this.#fork = fork;
  }

  now(): Date {
    return new Date(Date.now() + this.#offset);
  }

  /** Measures the offset again. */
  async measure(): Promise<void> {
    const before = Date.now();
    const [row] = await this.#fork().execute<{ ms: string }[]>(
      'select extract(epoch from clock_timestamp()) * 1000 as ms',
    );
    if (!row) throw new Error('the database did not tell its time');
    const middle = (before + Date.now()) / 2;
    this.#offset = Math.round(Number(row.ms) - middle);
  }

  /** False when this machine's clock is more than a second off. */
  isTrustworthy(): boolean {
    return Math.abs(this.#offset) <= MAX_OFFSET_MS;
  }
}
