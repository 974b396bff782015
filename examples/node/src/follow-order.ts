import { TryAgain } from './errors.js';
import { FollowOrderDocument } from './generated/graphql.js';
import type { FollowOrderSubscription } from './generated/graphql.js';
import type { GraphClient } from './graph-client.js';
import { pauseOrThrow } from './retry.js';

export type OrderChange = FollowOrderSubscription['orderStatusChanged'];

/**
 * Everything that happens to an order until nothing more will, each event once and in order: a connection that is lost is
 * made again, from the last version that was seen.
 * @param afterVersion 0 for everything since it was placed
 * @throws Refused, TryAgain when no connection can be made any more
 */
export async function* followOrder(
  graph: GraphClient,
  orderId: string,
  afterVersion = 0,
): AsyncGenerator<OrderChange, void> {
  let seen = afterVersion;
  for (let failures = 0; ;) {
    try {
      for await (const { orderStatusChanged: change } of graph.follow(FollowOrderDocument, {
        orderId,
        afterVersion: seen,
      })) {
        failures = 0;
        // The last message of a stream may tell why it ends and nothing new.
        if (change.version > seen) yield change;
        seen = change.version;
        if (isLast(change)) return;
      }
      throw new TryAgain('the stream has ended before the order has');
    } catch (error) {
      await pauseOrThrow(error, (failures += 1));
    }
  }
}

/** After every other end a new subscription goes on where this one was. */
const isLast = ({ ends }: OrderChange): boolean => ends === 'COMPLETE' || ends === 'ACCOUNT_BLOCKED';
