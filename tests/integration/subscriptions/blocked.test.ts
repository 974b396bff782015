import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelOrdersOfBlocked } from '../../../src/commands/cancel-blocked.js';
import { Broadcast } from '../../../src/subscriptions/broadcast.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { placeFor } from '../../support/order-stand.js';
import { LATER as expiresAt, openStreamStand, type OrderChange, type StreamStand } from './stream-stand.js';

let stand: StreamStand;
let blocked: Broadcast;
const nextBuyer = idSequence('streaming');

beforeAll(async () => {
  const hints = createMemoryHints();
  stand = await openStreamStand(hints);
  blocked = new Broadcast(hints, 'users:blocked', (userId) => stand.streams.block(userId), testLog());
  await blocked.start();
});
afterEach(() => expect(stand.streams.size).toBe(0));
afterAll(async () => {
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
      stand.streams.orders.follow(order, null, { userId, expiresAt }),
    );
    if (!own || !operators) throw new Error('two streams were opened');
    expect([await next(own), await next(operators)]).toMatchObject([{ ends: null }, { ends: null }]);
    blocked.announce([order.buyerId]);
    expect(await next(own)).toMatchObject({ event: null, ends: 'ACCOUNT_BLOCKED' });
    expect(await next(own)).toBe('over');
    expect(stand.streams.size).toBe(1);
    await operators.return?.();
  });

  test('ends by the event of its order where the news were lost', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const own = stand.streams.orders.follow(order, 1, { userId: order.buyerId, expiresAt });
    const change = next(own);
    const inbox = { topic: 'blocked', eventKey: order.buyerId };
    expect(await cancelOrdersOfBlocked(stand.env, [{ userId: order.buyerId, inbox }])).toEqual(['applied']);
    stand.announce();
    expect(await change).toMatchObject({
      event: { type: 'CANCELLED', reason: 'ACCOUNT_BLOCKED' },
      ends: 'ACCOUNT_BLOCKED',
    });
    expect(await next(own)).toBe('over');
  });
});
