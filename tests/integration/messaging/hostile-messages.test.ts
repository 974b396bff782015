import { expect, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { BusMessage } from '../../../src/messaging/bus/bus.js';
import { Topic } from '../../../src/messaging/topics.js';
import { onEachBus } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { enrolmentNews } from '../../support/payment-news.js';
import { present } from '../../support/present.js';
import { minutes } from '../../support/test-clock.js';
import { consumerStand, LIMIT } from './consumer-stand.js';

/** A message whose payload and envelope are written by hand; `\ud800` stands in the JSON as its escape. */
const raw = (topic: string, payload: object, envelope: object = {}, key = 'a user'): BusMessage => ({
  topic,
  key,
  value: JSON.stringify({ timestamp: minutes(1).getTime(), payload, ...envelope }),
});

onEachBus('hostile text in messages', (openBuses) => {
  const at = consumerStand(openBuses);
  const { deadLetters, news, order, orders, send, start, statuses, untilAll } = at;
  const paid = (one: Order, changes: object = {}, envelope: object = {}) =>
    raw(Topic.PAYMENT_SUCCEEDED, { orderId: one.id, paymentId: `payment of ${one.id}`, ...changes }, envelope);

  test.each([
    ['a payment id with a lone surrogate', (one: Order) => paid(one, { paymentId: '\ud800' })],
    ['a payment id that ends in half a pair', (one: Order) => paid(one, { paymentId: 'p\udc00' })],
    ['a payment id with a NUL', (one: Order) => paid(one, { paymentId: 'p\u0000' })],
    ['an order id with a lone surrogate', (one: Order) => paid(one, { orderId: '\ud800' })],
    ['a user id with a lone surrogate', (one: Order) => paid(one, { userId: '\ud800' })],
    ['an amount with a fraction', (one: Order) => paid(one, { amount: 1.5 })],
    ['an amount below zero', (one: Order) => paid(one, { amount: -5 })],
    ['an amount of nothing', (one: Order) => paid(one, { amount: 0 })],
    ['an amount beyond 2^53', (one: Order) => paid(one, { amount: 9_007_199_254_740_992 })],
    ['an amount that is text', (one: Order) => paid(one, { amount: '49900' })],
    ['a currency that is none', (one: Order) => paid(one, { currency: 'rupees' })],
    ['a currency that is a number', (one: Order) => paid(one, { currency: 356 })],
    [
      'a refund whose payment id is half a pair',
      (one: Order) => raw(Topic.PAYMENT_REFUNDED, { orderId: one.id, paymentId: '\ud800' }, { eventId: 'x\ud800' }),
    ],
    [
      'a refund whose amount is text',
      (one: Order) => raw(Topic.PAYMENT_REFUNDED, { orderId: one.id, paymentId: 'p', amount: '1' }),
    ],
  ])(
    'given %s before a good message of its partition, then it is a dead letter and the good one is applied',
    async (_, bad) => {
      const [victim, next] = await orders(2);
      await start();
      const hostile = bad(present(victim));
      await send(hostile, { ...news('succeeded', present(next)), key: hostile.key });
      await untilAll([present(next)], 'SUCCEEDED');
      const letters = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
      expect(letters.map(({ originalMessage }) => originalMessage)).toEqual([hostile.value]);
      expect(await statuses([present(victim)])).toEqual(['PENDING_PAYMENT']);
      expect(await at.stand.sql('select 1 from payment_attempts where order_id = $1', [present(victim).id])).toEqual(
        [],
      );
    },
    60_000,
  );

  test.each([
    ['an event id with half a pair', (one: Order) => paid(one, {}, { eventId: `evt-\ud83d-${one.id}` })],
    ['an event id with a NUL', (one: Order) => paid(one, {}, { eventId: `evt\u0000${one.id}` })],
    ['an event id without end', (one: Order) => paid(one, {}, { eventId: 'e'.repeat(100_000) })],
    ['a byte order mark before the JSON', (one: Order) => ({ ...paid(one), value: `\ufeff${paid(one).value}` })],
    ['a header with a NUL', (one: Order) => ({ ...paid(one), headers: { 'x-correlation-id': 'a\u0000b' } })],
    ['a header without end', (one: Order) => ({ ...paid(one), headers: { 'x-correlation-id': 'c'.repeat(100_000) } })],
    ['a provider order id with half a pair', (one: Order) => paid(one, { providerOrderId: 'cs\ud800' })],
    ['a time beyond all calendars', (one: Order) => paid(one, {}, { timestamp: 8.64e15 })],
  ])(
    'given %s, then the payment is applied all the same',
    async (_, message) => {
      const one = await order();
      await start();
      await send(message(one));
      await untilAll([one], 'SUCCEEDED');
      expect(await deadLetters()).toEqual([]);
    },
    60_000,
  );

  test('given two good payments whose event ids differ only in broken parts, then both orders are paid', async () => {
    const [one, two] = await orders(2);
    await start();
    await send(
      paid(present(one), {}, { eventId: 'evt-\ud83d-shared' }),
      paid(present(two), {}, { eventId: 'evt-\ud83e-shared' }),
    );
    await untilAll([present(one), present(two)], 'SUCCEEDED');
  }, 60_000);

  test.each([
    ['is beyond all calendars', '+275760-09-13T00:00:00.000Z'],
    ['is before all calendars', '-271821-04-20T00:00:00.000Z'],
    ['is no time', 'yesterday\ud800'],
  ])(
    'given an enrolment whose time %s, then the course is delivered at the time of the message',
    async (_, time) => {
      const one = await order();
      await start();
      await send(news('succeeded', one));
      await untilAll([one], 'SUCCEEDED');
      await send(enrolmentNews(one.id, idOf('algebra'), time));
      await eventually(
        async () => (await at.stand.load(one.id)).fulfilment,
        (seen) => seen === 'FULFILLED',
        LIMIT,
      );
      expect(await deadLetters()).toEqual([]);
    },
    60_000,
  );
});
