/** Marks what only operators may ask: a router's contract that leaves the tag out shows front ends a graph without it. */
export const OPERATORS = '@tag(name: "operators")';
