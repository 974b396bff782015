import { NeighbourDown } from '../platform/neighbours.js';

/** What a saga does after one of its steps. */
export type Next =
  /** Nothing is left to do. */
  | { readonly do: 'finish' }
  /** Wait until then, as the next attempt of the same step or as another step. */
  | { readonly do: 'wait'; readonly until: Date; readonly step?: string }
  /** The tries are used up: an operator is needed. */
  | { readonly do: 'stick'; readonly because: string };

/** What a runner hands to the handler of a kind. */
export interface SagaTask {
  readonly id: string;
  readonly step: string;
  readonly orderId: string | null;
  readonly bookingId: string | null;
  readonly subjectId: string | null;
  /** How often this step was performed before. */
  readonly attempts: number;
  /** How often it failed since it last went well. */
  readonly failures: number;
  readonly createdAt: Date;
}

/** Performs the step of a saga that is due. An error counts as a try and is repeated with back-off. */
export type SagaHandler = (task: SagaTask) => Promise<Next>;

/** The order that a saga is about. @throws Error when it names none: it can only get stuck */
export function orderOf({ id, orderId }: SagaTask): string {
  if (orderId === null) throw new Error(`saga ${id} is about no order`);
  return orderId;
}

const BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 5 * 60_000;
const TRIES = 20;
/** About a day: what a neighbour's outage has delayed goes on by itself when it is over. */
const TRIES_WHILE_DOWN = 300;

/** Pure: when to try a failed step again; stuck after twenty failures in a row, after a day where a neighbour is down. */
export function afterFailure(failures: number, error: Error, now: Date): Next {
  const tries = error instanceof NeighbourDown ? TRIES_WHILE_DOWN : TRIES;
  if (failures + 1 >= tries) return { do: 'stick', because: error.message };
  const wait = Math.min(BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS);
  return { do: 'wait', until: new Date(now.getTime() + wait) };
}
