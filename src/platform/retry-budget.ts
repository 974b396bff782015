/** Retries that may be made at once after a quiet time, whatever the share. */
const MOST_SAVED = 10;
/** Retries for each call, so that a neighbour in trouble is never hit by a multiple of its load. */
const SHARE = 0.1;

/** Lets retries be a small share of the calls: each call saves up a part of a retry, each retry takes a whole one. */
export class RetryBudget {
  #saved = MOST_SAVED;

  /** Counts a call. */
  save(): void {
    this.#saved = Math.min(MOST_SAVED, this.#saved + SHARE);
  }

  /** Takes one retry. @returns false when there is none to be had now */
  take(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
