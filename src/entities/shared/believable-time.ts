/** How far the clocks of other services may be ahead, ms. */
const MOST_AHEAD_MS = 5 * 60_000;
/** No event happened before the platform existed. */
const EARLIEST = Date.parse('2000-01-01T00:00:00Z');

/** Whether a time by the clock of another service can be true; one that cannot says nothing about what came first. */
export function isBelievable(at: Date, now: Date): boolean {
  return at.getTime() >= EARLIEST && at.getTime() <= now.getTime() + MOST_AHEAD_MS;
}
