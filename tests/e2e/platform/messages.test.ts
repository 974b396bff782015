import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { canStartKafka } from '../../support/kafka.js';
import type { WireOrder } from '../../support/wire.js';
import { platformStand } from './platform-stand.js';

/* Defects of the old order service that ours is without. The numbers are those of docs/replacing-order-srv.md. */
(canStartKafka() ? describe : describe.skip)('messages', () => {
  const at = platformStand({ NEIGHBOUR_TIMEOUT_MS: '1500', FULFILMENT_RETRY_MINUTES: '0.005,0.005,0.005' });
  const { call, heard, messages, newBuyer, place, say, send, services, sql, until } = at;
  const outboxIsEmpty = () =>
    eventually(async () => (await sql('select 1 from outbox')).length === 0, Boolean, { limitMs: 10_000 });
  const metric = async (line: RegExp) => line.exec(await (await fetch(`${at.app.httpUrl}/metrics`)).text())?.[1];
  const consumed = async (order: Pick<WireOrder, 'id'>) =>
    (await sql<{ n: number }>('select count(*)::int as n from order_events where order_id = $1', [order.id]))[0]?.n;

  test('D10, D11, D12: every state has been announced once, whatever is in between', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.succeeded.v1', order);
    await until(order, 'succeeded');
    await messages('order.course.created.v1', order.id);
    await messages('order.course.succeeded.v1', order.id);
    await outboxIsEmpty();
    const ids = heard.filter(({ value }) => JSON.stringify(value).includes(order.id)).map(({ value }) => value.eventId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('D13: the key is the order, headers tell the cause', async () => {
    const buyer = newBuyer();
    const course_ids = [services.addCourse('algebra')];
    await call('PlaceOrder', { user_id: buyer, course_ids }, { 'x-correlation-id': `cause ${buyer}` });
    const [message] = await messages('order.course.created.v1', buyer);
    expect([message?.key, message?.headers]).toEqual([
      message?.value.payload['orderId'],
      { 'x-correlation-id': `cause ${buyer}` },
    ]);
  });

  test('D14: what comes twice counts once and is no error', async () => {
    const order = await place(newBuyer(), 'algebra');
    const eventId = idOf(`twice ${order.id}`);
    await say('payment.order.initiated.v1', order, {}, { eventId });
    await say('payment.order.initiated.v1', order, {}, { eventId });
    await say('payment.order.initiated.v1', order);
    await say('payment.order.failed.v1', order, { paymentStatus: 'failed' });
    await until(order, 'failed');
    expect(await consumed(order)).toBe(4);
    expect(
      heard.filter(({ topic, value }) => topic.endsWith('dlq') && JSON.stringify(value).includes(order.id)),
    ).toEqual([]);
  });

  test('D15, D18, D19: what can never be taken is a dead letter with its reason and origin, the next message counts', async () => {
    const order = await place(newBuyer(), 'algebra');
    await send('payment.order.succeeded.v1', `{"payload":{"orderId":"${order.id}"}}`, 'odd');
    await say('payment.order.succeeded.v1', order);
    await until(order, 'succeeded');
    const [letter] = await messages('order-service.events.dlq', order.id);
    expect(letter?.value).toMatchObject({
      originalTopic: 'payment.order.succeeded.v1',
      originalKey: 'odd',
      error: expect.stringContaining('paymentId'),
      attempts: 1,
    });
  });

  test('D16: a group that is new begins with the earliest message', async () => {
    const [row] = await sql('select 1 from orders limit 1');
    expect(row).toBeDefined();
    // The stand's group was new: what was said before anybody had joined has been taken, or nothing above would be.
    expect(await metric(/order_service_consumer_joins_total (\d+)/)).toBe('1');
  });

  test('D17: /ready tells of the consumer itself', async () => {
    const ready = async () => (await (await fetch(`${at.app.httpUrl}/ready`)).json()) as Record<string, string>;
    // It answers from a background state, which may be one of before the consumer had joined.
    const state = await eventually(ready, ({ status }) => status === 'healthy', { limitMs: 10_000 });
    expect(state).toMatchObject({ consumer: 'up', relay: 'up', bus: 'up' });
  });

  test('D20: success before its beginning pays the order', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.succeeded.v1', order);
    expect((await until(order, 'succeeded')).payment_details).toMatchObject({ payment_status: 'success' });
  });

  test('D21: a second attempt has ids of its own', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.initiated.v1', order);
    await until(order, 'processing');
    await say('payment.order.succeeded.v1', order, { paymentId: `second of ${order.id}`, provider: 'paypal' });
    expect((await until(order, 'succeeded')).payment_details).toMatchObject({
      payment_id: `second of ${order.id}`,
      provider: 'paypal',
    });
  });

  test('D22, D25: a timeout leaves an order payable while there is time, else it expires and says that', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.initiated.v1', order);
    await until(order, 'processing');
    await say('payment.order.timeout.v1', order, { paymentStatus: 'expired' });
    await until(order, 'pending_payment');
    await sql(`update orders set payable_until = now(), expires_at = now() where id = $1`, [order.id]);
    await until(order, 'expired');
    await messages('order.course.expired.v1', order.id);
    expect(
      heard.filter(({ topic, value }) => topic === 'order.course.failed.v1' && value.payload['orderId'] === order.id),
    ).toEqual([]);
  });

  test('D23: money that comes late is delivered, or given back', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.failed.v1', order, { paymentStatus: 'failed' });
    await until(order, 'failed');
    await say('payment.order.succeeded.v1', order, { paymentId: `late of ${order.id}` });
    await until(order, 'succeeded');
    const owned = await place(newBuyer(), 'algebra');
    await say('payment.order.failed.v1', owned, { paymentStatus: 'failed' });
    await until(owned, 'failed');
    services.enrolled.add(`${idOf('algebra')} ${owned.user_id}`);
    await say('payment.order.succeeded.v1', owned, { paymentId: `late of ${owned.id}` });
    const [refund] = await messages('payment.refund.requested.v1', owned.id);
    expect(refund?.value.payload).toMatchObject({ amount: 49_900, reason: 'ALREADY_ENROLLED' });
  });

  test('D24: a failed payment is shown as failed', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.initiated.v1', order);
    await until(order, 'processing');
    await say('payment.order.failed.v1', order, { paymentStatus: 'failed' });
    expect((await until(order, 'failed')).payment_details).toMatchObject({ payment_status: 'failed' });
  });

  test('D28: an order that nobody pays expires by itself', async () => {
    const order = await place(newBuyer(), 'algebra');
    await sql('update orders set expires_at = now() where id = $1', [order.id]);
    await until(order, 'expired');
    await messages('order.course.expired.v1', order.id);
  });

  test('D29: deliveries are followed, item by item', async () => {
    const order = await place(newBuyer(), 'algebra', 'geometry');
    await say('payment.order.succeeded.v1', order);
    await until(order, 'succeeded');
    const fulfilment = async () =>
      (await sql<{ f: string }>('select fulfilment as f from orders where id = $1', [order.id]))[0]?.f;
    const enrol = (course: string) => {
      const payload = { enrollmentId: idOf('e'), courseId: idOf(course), studentId: order.user_id, orderId: order.id };
      return send('course.enrollment.created.v1', JSON.stringify({ eventId: idOf(`${course} ${order.id}`), payload }));
    };
    await enrol('algebra');
    await eventually(async () => (await consumed(order)) === 4);
    expect(await fulfilment()).toBe('IN_PROGRESS');
    await enrol('geometry');
    await eventually(async () => (await fulfilment()) === 'FULFILLED');
  });

  test('D30: each instructor is told of own courses and their amount, once', async () => {
    services.addCourse('of the same', { instructor_id: idOf('teacher of algebra'), price: 100 });
    const order = await place(newBuyer(), 'algebra', 'geometry', 'of the same');
    await say('payment.order.succeeded.v1', order);
    const told = await messages('order.course.succeeded.v1', order.id, 2);
    const amounts = told.slice(0, 2).map(({ value: { payload } }) => [payload['instructorId'], payload['amount']]);
    expect(amounts.sort()).toEqual(
      [
        [idOf('teacher of algebra'), 59_900],
        [idOf('teacher of geometry'), 49_900],
      ].sort(),
    );
  });
});
