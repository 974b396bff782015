import { describe, expect, test } from '@jest/globals';
import { expireDueOrders } from '../../../src/commands/expire-orders.js';
import { orderNumber } from '../../../src/entities/order-number.js';
import { idOf } from '../../support/ids.js';
import { cartOf, placeFor } from '../../support/order-stand.js';
import { importStand } from './import-stand.js';
import { paymentIdOf } from './old-database.js';

const NOTHING = { orders: 0, order_items: 0, order_claims: 0, payment_attempts: 0, order_events: 0, idempotency: 0 };

const at = importStand();

const asha = { user_id: idOf('asha') };
const paid = (at: string) => ({ ...asha, status: 'succeeded', payment: {}, created_at: at });
const open = (status: string, at: string) => ({ ...asha, status, created_at: at });
const heldBy = (name: string) =>
  `its buyer has course ${idOf('algebra')} in order ${idOf(name)}, which is open or paid`;

describe('given orders of which one only can have the course', () => {
  test('when they are imported, then a paid one has it before one being paid, and that before the newest open one', async () => {
    await at.old.add('open, newest', open('pending_payment', '2026-03-01T09:59:00Z'));
    await at.old.add('processing', open('processing', '2026-03-01T09:10:00Z'));
    await at.old.add('paid', paid('2026-01-01T09:00:00Z'));
    const seen = await at.run();
    expect(seen).toMatchObject({ read: 3, imported: 1, skipped: 0, listed: 2 });
    expect(seen.reasons).toEqual({ [idOf('open, newest')]: heldBy('paid'), [idOf('processing')]: heldBy('paid') });
    expect(await at.stand.counts()).toMatchObject({ orders: 1, order_claims: 1, order_events: 1 });
  });

  test('when two are paid or two are open, then the newer has it', async () => {
    const biology = { items: [['biology', 100]] } as const;
    await at.old.add('paid, newer', paid('2026-02-02T09:00:00Z'));
    await at.old.add('paid, older', paid('2026-02-01T09:00:00Z'));
    await at.old.add('open, older', { ...open('pending_payment', '2026-03-01T09:00:00.000001Z'), ...biology });
    await at.old.add('open, newer', { ...open('created', '2026-03-01T09:00:00.000002Z'), ...biology });
    await at.old.add('pending, newer', { ...open('pending_payment', '2026-03-01T09:00:00.000003Z'), ...biology });
    const { reasons, imported } = await at.run();
    expect(imported).toBe(2);
    const biologyHeld = heldBy('pending, newer').replace(idOf('algebra'), idOf('biology'));
    expect(reasons).toEqual({
      [idOf('paid, older')]: heldBy('paid, newer'),
      [idOf('open, older')]: biologyHeld,
      [idOf('open, newer')]: biologyHeld,
    });
  });

  test('when only one course of a cart clashes, then nothing of that order is written', async () => {
    await at.old.add('paid', paid('2026-02-01T09:00:00Z'));
    const cart = {
      items: [
        ['chemistry', 100],
        ['algebra', 100],
      ],
    } as const;
    await at.old.add('cart', { ...open('pending_payment', '2026-03-01T09:00:00Z'), ...cart });
    expect(await at.run()).toMatchObject({ imported: 1, listed: 1 });
    expect(await at.stand.counts()).toMatchObject({ orders: 1, order_items: 1, order_claims: 1 });
  });

  test('when the other has ended or is of another buyer, then both are imported', async () => {
    await at.old.add('paid', paid('2026-02-01T09:00:00Z'));
    await at.old.add('failed', open('failed', '2026-03-01T09:00:00Z'));
    await at.old.add('of another buyer');
    expect(await at.run()).toMatchObject({ read: 3, imported: 3, listed: 0 });
  });

  test('when the one that has it was placed here, then the old one is listed', async () => {
    const here = await placeFor(at.stand, 'asha', 'algebra');
    await at.old.add('old', open('pending_payment', '2026-03-01T09:00:00Z'));
    const { reasons } = await at.run();
    expect(reasons[idOf('old')]).toContain(`in order ${here.id}, which is open or paid`);
  });

  test('when the first has ended and the import runs again, then it is skipped and the second is imported', async () => {
    await at.old.add('first', open('processing', '2026-03-01T09:00:00Z'));
    await at.old.add('second', open('pending_payment', '2026-03-01T09:00:00Z'));
    expect(await at.run()).toMatchObject({ imported: 1, listed: 1 });
    expect(await expireDueOrders(at.stand.env, 10, true)).toEqual({ expired: 1, postponed: 0 });
    expect(await at.run()).toMatchObject({ read: 2, imported: 1, skipped: 1, listed: 0 });
    expect((await at.stand.load(idOf('first'))).status).toBe('EXPIRED');
    expect((await at.stand.load(idOf('second'))).status).toBe('PENDING_PAYMENT');
  });
});

describe('given two orders with one payment', () => {
  test('when they are imported, then the second is listed', async () => {
    await at.old.add('a', { status: 'succeeded', payment: {} });
    await at.old.add('b', { status: 'failed', payment: { payment_id: paymentIdOf('a'), payment_status: 'failed' } });
    const { reasons, imported } = await at.run();
    expect(imported).toBe(1);
    expect(reasons).toEqual({ [idOf('b')]: `its payment ${paymentIdOf('a')} is of order ${idOf('a')}` });
  });
});

describe('given orders that were imported', () => {
  test('when the import runs again, then all are skipped and nothing changes', async () => {
    await at.old.add('paid', paid('2026-02-01T09:00:00Z'));
    await at.old.add('open', { key: 'k1' });
    expect(await at.run()).toMatchObject({ read: 2, imported: 2 });
    const look = async () => [await at.stand.counts(), await at.stand.sql('select * from orders order by id')];
    const before = await look();
    expect(await at.run()).toMatchObject({ read: 2, imported: 0, skipped: 2, listed: 0 });
    expect(await look()).toEqual(before);
    expect(await at.stand.sql('select 1 from revenue_entries')).toHaveLength(1);
  });
});

describe('given an order whose number another one has', () => {
  test('when it is imported, then it gets the next number', async () => {
    const here = await placeFor(at.stand, 'somebody', 'algebra');
    await at.stand.sql('update orders set number = $2 where id = $1', [here.id, orderNumber(idOf('order'))]);
    await at.old.add('order');
    expect(await at.run()).toMatchObject({ imported: 1, listed: 0 });
    expect((await at.stand.load(idOf('order'))).number).toBe(orderNumber(idOf('order'), 1));
  });
});

describe('given more orders than a chunk has, many of one instant', () => {
  test('when they are imported, then each is, once', async () => {
    await at.old.sql(`insert into orders select gen_random_uuid(), null, gen_random_uuid(), 100, 'INR', 100, 0, 0,
        (array['succeeded', 'processing', 'failed'])[1 + n % 3],
        case n % 4 when 0 then now() else now() - n * interval '1 microsecond' end, now()
      from generate_series(1, 1300) n`);
    await at.old.sql(`insert into order_items select gen_random_uuid(), id, gen_random_uuid(), 100 from orders`);
    expect(await at.run()).toMatchObject({ read: 1_300, imported: 1_300, skipped: 0, listed: 0 });
    expect(await at.stand.counts()).toMatchObject({ orders: 1_300, order_items: 1_300, order_events: 1_300 });
    expect(await at.run()).toMatchObject({ read: 1_300, imported: 0, skipped: 1_300 });
  });
});

describe('given a dry run', () => {
  test('then it says what an import would do, and writes nothing', async () => {
    await at.old.add('paid', paid('2026-02-01T09:00:00Z'));
    await at.old.add('open', open('pending_payment', '2026-03-01T09:00:00Z'));
    await at.old.add('broken', { status: 'lost' });
    const dry = await at.run({ dryRun: true });
    expect(dry).toMatchObject({ read: 3, imported: 1, skipped: 0, listed: 2 });
    expect(await at.stand.counts()).toMatchObject(NOTHING);
    expect(await at.stand.sql('select 1 from revenue_entries')).toEqual([]);
    expect(await at.run()).toEqual(dry);
  });
});

describe('given an order that was placed with an idempotency key', () => {
  const buyer = idOf('buyer of order');
  const place = (key: string, courses: string[], who = buyer) =>
    at.stand.placeOrder(who, { courseIds: cartOf(at.stand, ...courses), couponCode: null, idempotencyKey: key });
  const keys = () => at.stand.sql('select key from idempotency');
  const cart = {
    items: [
      ['biology', 100],
      ['algebra', 100],
    ],
  } as const;

  test('when the call is repeated here, then it is answered with the imported order', async () => {
    const id = await at.old.add('order', { ...cart, key: 'a-key' });
    await at.run();
    expect(await place('a-key', ['algebra', 'biology'])).toMatchObject({ order: { id }, replayed: true });
    expect(await place('a-key', ['algebra'])).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await place('a-key', ['algebra'], idOf('somebody else'))).toMatchObject({ replayed: false });
    expect(await at.stand.counts()).toMatchObject({ orders: 2 });
  });

  test.each([
    ['is too old', { key: 'k', created_at: '2026-02-27T10:00:00Z' }, 0],
    ['is almost too old', { key: 'k', created_at: '2026-02-27T10:00:01Z' }, 1],
    ['has 128 characters', { key: 'k'.repeat(128) }, 1],
    ['has 129 characters', { key: 'k'.repeat(129) }, 0],
    ['has a space', { key: 'a key' }, 0],
    ['is empty', { key: '' }, 0],
  ])('when it %s, then so many keys are remembered: %#', async (_, order, count) => {
    await at.old.add('order', order);
    expect(await at.run()).toMatchObject({ imported: 1 });
    expect(await keys()).toHaveLength(count);
  });

  test('when the buyer has used the key here, then the order is imported and the key means what it means here', async () => {
    expect(await place('k', ['chemistry'])).toMatchObject({ replayed: false });
    await at.old.add('order', { key: 'k' });
    expect(await at.run()).toMatchObject({ imported: 1, listed: 0 });
    expect(await place('k', ['chemistry'])).toMatchObject({ replayed: true });
    expect(await at.stand.counts()).toMatchObject({ orders: 2, idempotency: 1 });
  });
});
