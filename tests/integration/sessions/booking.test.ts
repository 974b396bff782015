import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Money } from '../../../src/entities/money.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

const free = new Money(0n, 'INR');

describe('given a free session', () => {
  test('a seat is confirmed at once', async () => {
    const sessionId = stand.neighbours.addSession('free', { price: free });
    const outcome = await stand.bookSession(idOf('asha'), { sessionId, idempotencyKey: null });
    expect(outcome).toMatchObject({ booking: { status: 'CONFIRMED', orderId: null }, replayed: false });
    expect(await stand.sql('select taken, waiting, capacity from session_seats')).toEqual([
      { taken: 1, waiting: 0, capacity: 2 },
    ]);
    expect(await stand.sql('select topic from outbox order by aggregate_version')).toEqual([
      { topic: 'session.booking.created.v1' },
      { topic: 'session.booking.confirmed.v1' },
    ]);
  });
});

describe('given a priced session', () => {
  test('a seat is held by an order', async () => {
    const sessionId = stand.neighbours.addSession('priced');
    const outcome = await stand.bookSession(idOf('asha'), { sessionId, idempotencyKey: null });
    expect(outcome).toMatchObject({ booking: { status: 'PENDING' }, replayed: false });
  });
});
