/** The present time. Business code takes a `Date`; only the edges ask the clock. */
export interface Clock {
  now(): Date;
}
