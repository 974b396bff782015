import type { Clock } from '../../src/observability/clock.js';

export const MINUTE = 60_000;

/** When tests begin, unless they say otherwise. */
export const T0 = new Date('2026-03-01T10:00:00.000Z');

/** T0 and so many minutes. */
export const minutes = (count: number): Date => new Date(T0.getTime() + count * MINUTE);

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  #now: Date;

  constructor(now: Date = T0) {
    this.#now = now;
  }

  now(): Date {
    return this.#now;
  }

  /** Moves on by so many ms. */
  advance(ms: number): void {
    this.#now = new Date(this.#now.getTime() + ms);
  }
}
