import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { canStartKafka } from '../../support/kafka.js';
import { orderIn, refusal } from '../../support/wire.js';
import { platformStand } from './platform-stand.js';

/* Defects of the old order service that ours is without. The numbers are those of docs/replacing-order-srv.md. */
(canStartKafka() ? describe : describe.skip)('money, prices and carts', () => {
  const at = platformStand();
  const { call, graph, messages, newBuyer, place, say, services, sql, token, until } = at;
  const paid = async (...courses: readonly string[]) => {
    const order = await place(newBuyer(), ...courses);
    await say('payment.order.succeeded.v1', order);
    await until(order, 'succeeded');
    return order;
  };

  test('D1: money is whole minor units from the course to the event; what a float cannot hold is refused', async () => {
    services.addCourse('castle', { price: 671_089 });
    await expect(place(newBuyer(), 'castle')).rejects.toThrow(/FAILED_PRECONDITION.*16777216/);
    // Beyond 2^24 a float still holds every eighth, sixteenth, … number.
    services.addCourse('palace', { price: 4_194_304 });
    const order = await place(newBuyer(), 'palace');
    expect(await sql('select total_minor from orders where id = $1', [order.id])).toEqual([
      { total_minor: '419430400' },
    ]);
    await sql('update orders set total_minor = 419430401 where id = $1', [order.id]);
    const outcome = await call('GetOrderById', { order_id: order.id, user_id: order.user_id });
    expect(refusal(outcome)).toMatchObject({ status: 'OUT_OF_RANGE', reason: 'AMOUNT_TOO_LARGE' });
  });

  test('D2: a discount that is absent, or none, leaves the list price', async () => {
    services.addCourse('no discount', { price: 500 });
    services.addCourse('no real discount', { price: 500, discount_price: 600 });
    expect((await place(newBuyer(), 'no discount', 'no real discount')).amount).toMatchObject({ total: 100_000 });
  });

  test('D3: the currency is that of the courses, and one cart has one', async () => {
    services.addCourse('in dollars', { currency: 'USD' });
    expect((await place(newBuyer(), 'in dollars')).amount.currency).toBe('USD');
    await expect(place(newBuyer(), 'in dollars', 'algebra')).rejects.toThrow(/INVALID_ARGUMENT.*MIXED_CURRENCIES/);
  });

  test('D4: price and publication are asked for at every placing', async () => {
    services.addCourse('volatile', { price: 100 });
    expect((await place(newBuyer(), 'volatile')).amount.total).toBe(10_000);
    services.addCourse('volatile', { price: 200 });
    expect((await place(newBuyer(), 'volatile')).amount.total).toBe(20_000);
    services.addCourse('volatile', { status: 'unpublished' });
    await expect(place(newBuyer(), 'volatile')).rejects.toThrow(/COURSE_UNAVAILABLE/);
  });

  test.each([
    ['an empty cart', []],
    ['a course twice', [idOf('algebra'), idOf('algebra')]],
    ['51 courses', Array.from({ length: 51 }, (_, n) => idOf(`many ${n}`))],
  ])('D5: %s is refused as such', async (_, course_ids) => {
    expect(refusal(await call('PlaceOrder', { user_id: newBuyer(), course_ids }))).toEqual({
      status: 'INVALID_ARGUMENT',
      error_code: 'INVALID_ARGUMENT',
      reason: 'INVALID_INPUT',
    });
  });

  test('D6: a coupon that does not count is refused instead of ignored', async () => {
    const request = { user_id: newBuyer(), course_ids: [services.addCourse('algebra')], coupon_code: 'HALF' };
    expect(refusal(await call('PlaceOrder', request))).toMatchObject({ reason: 'COUPON_REJECTED' });
  });

  test('D7: an order that costs nothing is paid at once and delivered', async () => {
    services.addCourse('gift', { price: 0 });
    const order = await place(newBuyer(), 'gift');
    expect(order.status).toBe('succeeded');
    const [message] = await messages('order.course.succeeded.v1', order.id);
    expect(message?.value.payload).toMatchObject({ amount: 0, items: [{ courseId: idOf('gift'), price: 0 }] });
  });

  test('D8: revenue counts by the day of payment, without what was given back, for operators only', async () => {
    const year = new Date().getUTCFullYear();
    const month = new Date().getUTCMonth();
    const revenue = async () => {
      const { answer } = await call('GetRevenueStats', { year });
      const stats = (answer as { success: { revenue_stats: { revenue?: number }[] } }).success.revenue_stats;
      return stats[month]?.revenue ?? 0;
    };
    const before = await revenue();
    await paid('algebra');
    const returned = await paid('geometry');
    expect((await revenue()) - before).toBe(2 * 49_900);
    await say('payment.order.refunded.v1', returned, { paymentStatus: 'refunded' });
    await until(returned, 'refunded');
    expect((await revenue()) - before).toBe(49_900);
    const student = { authorization: `Bearer ${await token(newBuyer())}` };
    expect((await call('GetRevenueStats', { year }, student)).status).toBe('PERMISSION_DENIED');
  });

  test('D9: title, teacher and list price of an item stay what they were', async () => {
    services.addCourse('renamed', { title: 'Before', price: 900, discount_price: 800 });
    const order = await place(newBuyer(), 'renamed');
    services.addCourse('renamed', { title: 'After', price: 100, instructor_id: idOf('another') });
    expect(
      await sql('select title, instructor_id, list_price_minor, price_minor from order_items where order_id = $1', [
        order.id,
      ]),
    ).toEqual([
      { title: 'Before', instructor_id: idOf('teacher of renamed'), list_price_minor: '90000', price_minor: '80000' },
    ]);
  });

  test('D31: only what failed, expired or was cancelled can be restored', async () => {
    const order = await paid('algebra');
    const restore = () => call('RestoreOrder', { order_id: order.id, user_id: order.user_id });
    expect(refusal(await restore())).toMatchObject({ status: 'FAILED_PRECONDITION', reason: 'WRONG_STATUS' });
    await say('payment.order.refunded.v1', order);
    await until(order, 'refunded');
    expect(refusal(await restore())).toMatchObject({ status: 'FAILED_PRECONDITION', reason: 'WRONG_STATUS' });
  });

  test('D32: a restored order is paid by a new attempt; the old one stays in the list', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.failed.v1', order, { paymentStatus: 'failed' });
    await until(order, 'failed');
    await call('RestoreOrder', { order_id: order.id, user_id: order.user_id });
    await say('payment.order.succeeded.v1', order, { paymentId: `second of ${order.id}` });
    await until(order, 'succeeded');
    expect(
      await sql('select payment_id, state from payment_attempts where order_id = $1 order by state', [order.id]),
    ).toEqual([
      { payment_id: `payment of ${order.id}`, state: 'FAILED' },
      { payment_id: `second of ${order.id}`, state: 'SUCCEEDED' },
    ]);
  });

  test('D33, D34: what is read and decided on is the database, at once after it was written', async () => {
    const order = await place(newBuyer(), 'algebra');
    const [one, two] = [`one of ${order.id}`, `two of ${order.id}`];
    await Promise.all([
      say('payment.order.succeeded.v1', order, { paymentId: one }),
      say('payment.order.failed.v1', order, { paymentId: two }),
    ]);
    await until(order, 'succeeded');
    const [seen] = await sql<{ n: number }>(
      'select count(distinct version)::int as n from order_events where order_id = $1',
      [order.id],
    );
    const [{ version } = { version: 0 }] = await sql<{ version: number }>('select version from orders where id = $1', [
      order.id,
    ]);
    expect(seen?.n).toBe(version);
  });

  test('D35: a key is of one user and one request', async () => {
    const course_ids = [services.addCourse('algebra')];
    const key = { 'idempotency-key': 'everybody-has-it' };
    const [mine, other] = [newBuyer(), newBuyer()];
    const all = await Promise.all(
      [mine, mine, other].map((user_id) => call('PlaceOrder', { user_id, course_ids }, key)),
    );
    const [one, same, another] = all.map((outcome) => orderIn(outcome));
    expect([one?.id === same?.id, another?.id === one?.id, another?.user_id]).toEqual([true, false, other]);
    const changed = { user_id: mine, course_ids: [services.addCourse('geometry')] };
    expect(refusal(await call('PlaceOrder', changed, key))).toMatchObject({ reason: 'IDEMPOTENCY_CONFLICT' });
  });

  test('D36: a client that makes a new key for every try gets the order it has', async () => {
    const buyer = newBuyer();
    const course_ids = [services.addCourse('algebra')];
    const tries = await Promise.all(
      ['a', 'b', 'c'].map((key) => call('PlaceOrder', { user_id: buyer, course_ids }, { 'idempotency-key': key })),
    );
    expect(new Set(tries.map((outcome) => orderIn(outcome).id)).size).toBe(1);
  });

  test('D37: a course is in one open order of a buyer; a second payment is given back', async () => {
    const buyer = newBuyer();
    const order = await place(buyer, 'algebra');
    await expect(place(buyer, 'algebra', 'geometry')).rejects.toThrow(/ALREADY_EXISTS OPEN_ORDER_EXISTS/);
    await say('payment.order.succeeded.v1', order, { paymentId: `one of ${order.id}` });
    await say('payment.order.succeeded.v1', order, { paymentId: `two of ${order.id}` });
    await messages('payment.refund.requested.v1', order.id);
    await expect(place(buyer, 'algebra')).rejects.toThrow(/ALREADY_EXISTS ALREADY_ENROLLED/);
  });

  test('D38, D40: lists need no cache: a page is capped, sorted by time and id, and shows what was just placed', async () => {
    const buyer = newBuyer();
    const placed = [];
    for (const course of ['a', 'b', 'c']) placed.unshift((await place(buyer, course)).id);
    const { answer } = await call('GetOrders', { user_id: buyer, params: { page_size: 1_000_000 } });
    const { orders, total } = (answer as { success: { orders: { id: string }[]; total: number } }).success;
    expect([orders.map(({ id }) => id), total]).toEqual([placed, 3]);
  });

  test('D39: a filter that is not known is refused', async () => {
    const outcome = await call('GetOrders', { user_id: newBuyer(), params: { status: 'paid' } });
    expect(refusal(outcome)).toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'INVALID_PARAMS' });
  });

  test('D26: cancelling an order tells the platform and the payment service', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.initiated.v1', order);
    await until(order, 'processing');
    const cancel = `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }`;
    await graph(cancel, { input: { orderId: order.id } }, await token(order.user_id));
    await messages('order.course.cancelled.v1', order.id);
    expect((await until(order, 'cancelled')).status).toBe('cancelled');
    const asked = () => services.asked.filter(({ method }) => method === 'CancelPayment').map(({ request }) => request);
    await eventually(() => asked().length);
    expect(asked()).toEqual([{ provider: 1, provider_order_id: `cs_${order.id}` }]);
  });

  test('D27: a whole refund ends in refunded, and says so', async () => {
    const order = await paid('algebra');
    await say('payment.order.refunded.v1', order, { paymentStatus: 'refunded' });
    await until(order, 'refunded');
    const [message] = await messages('order.course.refunded.v1', order.id);
    expect(message?.value.payload).toMatchObject({ orderId: order.id, amount: 49_900 });
  });
});
