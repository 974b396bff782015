import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { expireDueOrders } from '../../../src/commands/expire-orders.js';
import { orderNumber } from '../../../src/entities/order-number.js';
import { idOf } from '../../support/ids.js';
import { cartOf, openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { createOldDatabase, emptyStand, paymentIdOf, runImport, type OldDatabase } from './old-database.js';

const NOTHING = { orders: 0, order_items: 0, order_claims: 0, payment_attempts: 0, order_events: 0, idempotency: 0 };

let stand: OrderStand;
let old: OldDatabase;
beforeAll(async () => {
  stand = await openOrderStand();
  old = await createOldDatabase();
});
afterAll(async () => {
  await stand.close();
  await old.drop();
});
beforeEach(async () => {
  await emptyStand(stand);
  await old.empty();
});

const asha = { user_id: idOf('asha') };
const paid = (at: string) => ({ ...asha, status: 'succeeded', payment: {}, created_at: at });
const open = (status: string, at: string) => ({ ...asha, status, created_at: at });
const heldBy = (name: string) =>
  `its buyer has course ${idOf('algebra')} in order ${idOf(name)}, which is open or paid`;

describe('given orders of which one only can have the course', () => {
  test('when they are imported, then a paid one has it before one being paid, and that before the newest open one', async () => {
    await old.add('open, newest', open('pending_payment', '2026-03-01T09:59:00Z'));
    await old.add('processing', open('processing', '2026-03-01T09:10:00Z'));
    await old.add('paid', paid('2026-01-01T09:00:00Z'));
    const seen = await runImport(stand, old);
    expect(seen).toMatchObject({ read: 3, imported: 1, skipped: 0, listed: 2 });
    expect(seen.reasons).toEqual({ [idOf('open, newest')]: heldBy('paid'), [idOf('processing')]: heldBy('paid') });
    expect(await stand.counts()).toMatchObject({ orders: 1, order_claims: 1, order_events: 1 });
  });

  test('when two are paid or two are open, then the newer has it', async () => {
    const biology = { items: [['biology', 100]] } as const;
    await old.add('paid, newer', paid('2026-02-02T09:00:00Z'));
    await old.add('paid, older', paid('2026-02-01T09:00:00Z'));
    await old.add('open, older', { ...open('pending_payment', '2026-03-01T09:00:00.000001Z'), ...biology });
    await old.add('open, newer', { ...open('created', '2026-03-01T09:00:00.000002Z'), ...biology });
    await old.add('pending, newer', { ...open('pending_payment', '2026-03-01T09:00:00.000003Z'), ...biology });
    const { reasons, imported } = await runImport(stand, old);
    expect(imported).toBe(2);
    const biologyHeld = heldBy('pending, newer').replace(idOf('algebra'), idOf('biology'));
    expect(reasons).toEqual({
      [idOf('paid, older')]: heldBy('paid, newer'),
      [idOf('open, older')]: biologyHeld,
      [idOf('open, newer')]: biologyHeld,
    });
  });

  test('when only one course of a cart clashes, then nothing of that order is written', async () => {
    await old.add('paid', paid('2026-02-01T09:00:00Z'));
    const cart = {
      items: [
        ['chemistry', 100],
        ['algebra', 100],
      ],
    } as const;
    await old.add('cart', { ...open('pending_payment', '2026-03-01T09:00:00Z'), ...cart });
    expect(await runImport(stand, old)).toMatchObject({ imported: 1, listed: 1 });
    expect(await stand.counts()).toMatchObject({ orders: 1, order_items: 1, order_claims: 1 });
  });

  test('when the other has ended or is of another buyer, then both are imported', async () => {
    await old.add('paid', paid('2026-02-01T09:00:00Z'));
    await old.add('failed', open('failed', '2026-03-01T09:00:00Z'));
    await old.add('of another buyer');
    expect(await runImport(stand, old)).toMatchObject({ read: 3, imported: 3, listed: 0 });
  });

  test('when the one that has it was placed here, then the old one is listed', async () => {
    const here = await placeFor(stand, 'asha', 'algebra');
    await old.add('old', open('pending_payment', '2026-03-01T09:00:00Z'));
    const { reasons } = await runImport(stand, old);
    expect(reasons[idOf('old')]).toContain(`in order ${here.id}, which is open or paid`);
  });

  test('when the first has ended and the import runs again, then it is skipped and the second is imported', async () => {
    await old.add('first', open('processing', '2026-03-01T09:00:00Z'));
    await old.add('second', open('pending_payment', '2026-03-01T09:00:00Z'));
    expect(await runImport(stand, old)).toMatchObject({ imported: 1, listed: 1 });
    expect(await expireDueOrders(stand.env, 10, true)).toEqual({ expired: 1, postponed: 0 });
    expect(await runImport(stand, old)).toMatchObject({ read: 2, imported: 1, skipped: 1, listed: 0 });
    expect((await stand.load(idOf('first'))).status).toBe('EXPIRED');
    expect((await stand.load(idOf('second'))).status).toBe('PENDING_PAYMENT');
  });
});

describe('given two orders with one payment', () => {
  test('when they are imported, then the second is listed', async () => {
    await old.add('a', { status: 'succeeded', payment: {} });
    await old.add('b', { status: 'failed', payment: { payment_id: paymentIdOf('a'), payment_status: 'failed' } });
    const { reasons, imported } = await runImport(stand, old);
    expect(imported).toBe(1);
    expect(reasons).toEqual({ [idOf('b')]: `its payment ${paymentIdOf('a')} is of order ${idOf('a')}` });
  });
});

describe('given orders that were imported', () => {
  test('when the import runs again, then all are skipped and nothing changes', async () => {
    await old.add('paid', paid('2026-02-01T09:00:00Z'));
    await old.add('open', { key: 'k1' });
    expect(await runImport(stand, old)).toMatchObject({ read: 2, imported: 2 });
    const look = async () => [await stand.counts(), await stand.sql('select * from orders order by id')];
    const before = await look();
    expect(await runImport(stand, old)).toMatchObject({ read: 2, imported: 0, skipped: 2, listed: 0 });
    expect(await look()).toEqual(before);
    expect(await stand.sql('select 1 from revenue_entries')).toHaveLength(1);
  });
});

describe('given an order whose number another one has', () => {
  test('when it is imported, then it gets the next number', async () => {
    const here = await placeFor(stand, 'somebody', 'algebra');
    await stand.sql('update orders set number = $2 where id = $1', [here.id, orderNumber(idOf('order'))]);
    await old.add('order');
    expect(await runImport(stand, old)).toMatchObject({ imported: 1, listed: 0 });
    expect((await stand.load(idOf('order'))).number).toBe(orderNumber(idOf('order'), 1));
  });
});

describe('given more orders than a chunk has, many of one instant', () => {
  test('when they are imported, then each is, once', async () => {
    await old.sql(`insert into orders select gen_random_uuid(), null, gen_random_uuid(), 100, 'INR', 100, 0, 0,
        (array['succeeded', 'processing', 'failed'])[1 + n % 3],
        case n % 4 when 0 then now() else now() - n * interval '1 microsecond' end, now()
      from generate_series(1, 1300) n`);
    await old.sql(`insert into order_items select gen_random_uuid(), id, gen_random_uuid(), 100 from orders`);
    expect(await runImport(stand, old)).toMatchObject({ read: 1_300, imported: 1_300, skipped: 0, listed: 0 });
    expect(await stand.counts()).toMatchObject({ orders: 1_300, order_items: 1_300, order_events: 1_300 });
    expect(await runImport(stand, old)).toMatchObject({ read: 1_300, imported: 0, skipped: 1_300 });
  });
});

describe('given a dry run', () => {
  test('then it says what an import would do, and writes nothing', async () => {
    await old.add('paid', paid('2026-02-01T09:00:00Z'));
    await old.add('open', open('pending_payment', '2026-03-01T09:00:00Z'));
    await old.add('broken', { status: 'lost' });
    const dry = await runImport(stand, old, { dryRun: true });
    expect(dry).toMatchObject({ read: 3, imported: 1, skipped: 0, listed: 2 });
    expect(await stand.counts()).toMatchObject(NOTHING);
    expect(await stand.sql('select 1 from revenue_entries')).toEqual([]);
    expect(await runImport(stand, old)).toEqual(dry);
  });
});

describe('given an order that was placed with an idempotency key', () => {
  const buyer = idOf('buyer of order');
  const place = (key: string, courses: string[], who = buyer) =>
    stand.placeOrder(who, { courseIds: cartOf(stand, ...courses), couponCode: null, idempotencyKey: key });
  const keys = () => stand.sql('select key from idempotency');
  const cart = {
    items: [
      ['biology', 100],
      ['algebra', 100],
    ],
  } as const;

  test('when the call is repeated here, then it is answered with the imported order', async () => {
    const id = await old.add('order', { ...cart, key: 'a-key' });
    await runImport(stand, old);
    expect(await place('a-key', ['algebra', 'biology'])).toMatchObject({ order: { id }, replayed: true });
    expect(await place('a-key', ['algebra'])).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await place('a-key', ['algebra'], idOf('somebody else'))).toMatchObject({ replayed: false });
    expect(await stand.counts()).toMatchObject({ orders: 2 });
  });

  test.each([
    ['is too old', { key: 'k', created_at: '2026-02-27T10:00:00Z' }, 0],
    ['is almost too old', { key: 'k', created_at: '2026-02-27T10:00:01Z' }, 1],
    ['has 128 characters', { key: 'k'.repeat(128) }, 1],
    ['has 129 characters', { key: 'k'.repeat(129) }, 0],
    ['has a space', { key: 'a key' }, 0],
    ['is empty', { key: '' }, 0],
  ])('when it %s, then so many keys are remembered: %#', async (_, order, count) => {
    await old.add('order', order);
    expect(await runImport(stand, old)).toMatchObject({ imported: 1 });
    expect(await keys()).toHaveLength(count);
  });

  test('when the buyer has used the key here, then the order is imported and the key means what it means here', async () => {
    expect(await place('k', ['chemistry'])).toMatchObject({ replayed: false });
    await old.add('order', { key: 'k' });
    expect(await runImport(stand, old)).toMatchObject({ imported: 1, listed: 0 });
    expect(await place('k', ['chemistry'])).toMatchObject({ replayed: true });
    expect(await stand.counts()).toMatchObject({ orders: 2, idempotency: 1 });
  });
});
