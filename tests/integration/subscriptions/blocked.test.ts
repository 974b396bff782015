import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelOrdersOfBlocked } from '../../../src/commands/cancel-blocked.js';
import { createBookingReads } from '../../../src/queries/booking-reads.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { Broadcast } from '../../../src/subscriptions/broadcast.js';
import { LiveStreams } from '../../../src/subscriptions/live-streams.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { ViewerBlocked } from '../../../src/subscriptions/stream-gate.js';
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

describe('a new stream of a user who is blocked', () => {
  test('is refused, over every kind of stream', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const streams = new LiveStreams(
      { orders: createOrderReads(stand.orm, stand.fork), bookings: createBookingReads(stand.orm, stand.fork) },
      { hints: createMemoryHints(), clock: stand.clock, log: testLog(), isBlocked: (id) => id === order.buyerId },
    );
    const viewer = { userId: order.buyerId, expiresAt };
    const openings = [
      () => streams.orders.follow(order, null, viewer),
      () => streams.orders.follow(order, 1, viewer),
      () => streams.orders.followOwn(null, viewer),
      () => streams.bookings.followOwn(null, viewer),
    ];
    for (const open of openings) expect(open).toThrow(ViewerBlocked);
    expect(streams.size).toBe(0);
  });
});

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
