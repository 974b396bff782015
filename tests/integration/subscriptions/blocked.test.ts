import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelOrdersOfBlocked } from '../../../src/commands/cancel-blocked.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { Broadcast } from '../../../src/subscriptions/broadcast.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { OrderFeed } from '../../../src/subscriptions/order-feed.js';
import { OrderStreams, type OrderChange } from '../../../src/subscriptions/order-streams.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';

let stand: OrderStand;
let feed: OrderFeed;
let streams: OrderStreams;
let blocked: Broadcast;
const nextBuyer = idSequence('streaming');
const expiresAt = new Date(Date.now() + 3_600_000);

beforeAll(async () => {
  stand = await openOrderStand();
  const hints = createMemoryHints();
  const reads = createOrderReads(stand.orm, stand.fork);
  feed = new OrderFeed(hints, reads.eventsAfter, testLog());
  streams = new OrderStreams(feed, reads);
  blocked = new Broadcast(hints, 'users:blocked', (userId) => streams.block(userId), testLog());
  await blocked.start();
});
afterEach(() => expect(streams.size).toBe(0));
afterAll(async () => {
  await streams.close();
  await blocked.stop();
  await stand.close();
});

const next = async (stream: AsyncIterator<OrderChange>) => {
  const { value, done } = await stream.next();
  return done ? 'over' : (value as OrderChange);
};

describe('a stream of a user whose account is blocked', () => {
  test('ends with the reason, those of others go on', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const [own, operators] = [order.buyerId, idOf('an operator')].map((userId) =>
      streams.follow(order, null, { userId, expiresAt }),
    );
    if (!own || !operators) throw new Error('two streams were opened');
    expect([await next(own), await next(operators)]).toMatchObject([{ ends: null }, { ends: null }]);
    blocked.announce([order.buyerId]);
    expect(await next(own)).toMatchObject({ event: null, ends: 'ACCOUNT_BLOCKED' });
    expect(await next(own)).toBe('over');
    expect(streams.size).toBe(1);
    await operators.return?.();
  });

  test('ends by the event of its order where the news were lost', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const own = streams.follow(order, 1, { userId: order.buyerId, expiresAt });
    const change = next(own);
    const inbox = { topic: 'blocked', eventKey: order.buyerId };
    expect(await cancelOrdersOfBlocked(stand.env, [{ userId: order.buyerId, inbox }])).toEqual(['applied']);
    feed.readNow(order.id);
    expect(await change).toMatchObject({
      event: { type: 'CANCELLED', reason: 'ACCOUNT_BLOCKED' },
      ends: 'ACCOUNT_BLOCKED',
    });
    expect(await next(own)).toBe('over');
  });
});
