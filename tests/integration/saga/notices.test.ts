import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import type { Order } from '../../../src/entities/order.js';
import { noticeMessages } from '../../../src/messaging/notices/notice-messages.js';
import { NoticeSender } from '../../../src/saga/notices.js';
import { idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { MINUTE } from '../../support/test-clock.js';

let stand: OrderStand;
let other: TestProcess;
const nextBuyer = idSequence('noticed');
const senderOf = ({ env }: TestProcess) =>
  new NoticeSender(env, (notice, now) => noticeMessages(notice, ['email', 'in-app'], now));

beforeAll(async () => {
  stand = await openOrderStand();
  other = await stand.newProcess();
});
afterAll(() => stand.close());
beforeEach(async () => {
  stand.neighbours.down.clear();
  await stand.sql('truncate notices, outbox');
});

const paidOrder = async (): Promise<Order> => {
  const order = await placeFor(stand, nextBuyer(), 'algebra');
  const fact = paymentFact('succeeded', `payment of ${order.id}`, stand.clock.now());
  await recordPayments(stand.env, [{ orderId: order.id, fact, inbox: { topic: 'succeeded', eventKey: order.id } }]);
  return order;
};
const waiting = () => stand.sql('select kind, version from notices');
const sent = async () => {
  const rows = await stand.sql<{ topic: string; payload: string }>(
    `select topic, payload from outbox where topic like 'notification.%' order by topic, id`,
  );
  return rows.map(({ topic, payload }) => [
    topic.split('.')[2],
    (JSON.parse(payload) as { payload: { to?: string } }).payload.to,
  ]);
};
/** Makes the leases end. */
const laterThanLease = () => stand.sql(`update notices set lease_until = now() - interval '1 s'`);

describe('a notice', () => {
  test('is left behind by the event, in its transaction, and sent once', async () => {
    const order = await paidOrder();
    expect(await waiting()).toEqual([{ kind: 'RECEIPT', version: 3 }]);
    expect(await senderOf(stand).sendSome()).toBe(false);
    expect(await sent()).toEqual([
      ['email', `${order.buyerId}@mail.example`],
      ['in-app', undefined],
    ]);
    expect(await waiting()).toEqual([]);
    await senderOf(stand).sendSome();
    expect(await sent()).toHaveLength(2);
  });

  test('of many orders: one batch, the same number of statements, whatever replica', async () => {
    for (let count = 0; count < 20; count++) await paidOrder();
    await Promise.all([senderOf(stand).sendSome(), senderOf(other).sendSome()]);
    expect([(await sent()).length, await waiting()]).toEqual([40, []]);
  });

  test('waits while the user service is away; the lease keeps the next try off', async () => {
    await paidOrder();
    stand.neighbours.down.add('user');
    expect(await senderOf(stand).sendSome()).toBe(false);
    stand.neighbours.down.clear();
    await senderOf(stand).sendSome();
    expect([await sent(), (await waiting()).length]).toEqual([[], 1]);
    await laterThanLease();
    await senderOf(stand).sendSome();
    expect([(await sent()).length, await waiting()]).toEqual([2, []]);
  });

  test('after a day without the address goes out in the app only', async () => {
    await paidOrder();
    stand.neighbours.down.add('user');
    stand.clock.advance(24 * 60 * MINUTE + 1);
    await senderOf(stand).sendSome();
    expect([await sent(), await waiting()]).toEqual([[['in-app', undefined]], []]);
  });

  test('of a user who is gone: in the app only', async () => {
    const { buyerId } = await paidOrder();
    stand.neighbours.unknownUsers.add(buyerId);
    await senderOf(stand).sendSome();
    expect(await sent()).toEqual([['in-app', undefined]]);
  });

  test('that another replica sent when the lease had ended is not sent twice', async () => {
    await paidOrder();
    const { findUser } = stand.neighbours.users;
    stand.neighbours.users.findUser = async (id) => {
      stand.neighbours.users.findUser = findUser;
      await laterThanLease();
      await senderOf(other).sendSome();
      return findUser(id);
    };
    await senderOf(stand).sendSome();
    expect([(await sent()).length, await waiting()]).toEqual([2, []]);
  });
});
