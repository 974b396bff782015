/**
 * What operations cost, as routers and this service count it (`@cost`, `@listSize`): an object 1, a scalar nothing, times the
 * length of its lists. Here is what differs from that.
 */
export const Cost = {
  /** A write: neighbours are asked, rows are locked. */
  WRITE: '@cost(weight: 10)',
  /** A whole list is counted. */
  COUNT: '@cost(weight: 10)',
  /** Another service is asked. */
  NEIGHBOUR: '@cost(weight: 5)',
  /** A stream stays open. */
  STREAM: '@cost(weight: 10)',
} as const;

/** A page: as long as `first` says. Cosmo refuses an assumed size beside a default of `first`, which would never count. */
export const PAGE =
  '@listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)';

/** A list without pages, with the length that is counted for it. */
export const listOf = (assumedSize: number): string =>
  `@listSize(assumedSize: ${assumedSize}, requireOneSlicingArgument: false)`;
