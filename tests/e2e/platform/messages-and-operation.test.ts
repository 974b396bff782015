import { describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { loadConfig, requireProductionSettings } from '../../../src/config.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { canStartKafka } from '../../support/kafka.js';
import { refusal, type WireOrder } from '../../support/wire.js';
import { platformStand } from './platform-stand.js';

/* Defects of the old order service that ours is without. The numbers are those of docs/replacing-order-srv.md. */
(canStartKafka() ? describe : describe.skip)('messages, security and operation', () => {
  const at = platformStand({ NEIGHBOUR_TIMEOUT_MS: '1500', FULFILMENT_RETRY_MINUTES: '0.005,0.005,0.005' });
  const { call, heard, logged, messages, newBuyer, place, say, send, services, sql, token, until } = at;
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
    const ready = (await (await fetch(`${at.app.httpUrl}/ready`)).json()) as Record<string, string>;
    expect(ready).toMatchObject({ status: 'healthy', consumer: 'up', relay: 'up', bus: 'up' });
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

  test('D41: an order is shown to its owner and to operators only', async () => {
    const order = await place(newBuyer(), 'algebra');
    const stranger = newBuyer();
    const as = async (user: string, roles?: readonly string[]) => ({
      authorization: `Bearer ${await token(user, roles)}`,
    });
    const request = { order_id: order.id, user_id: order.user_id };
    expect((await call('GetOrderById', { ...request, user_id: stranger })).status).toBe('NOT_FOUND');
    expect((await call('GetOrderById', request, await as(stranger))).status).toBe('NOT_FOUND');
    expect((await call('GetOrderStatus', request, await as(stranger))).status).toBe('NOT_FOUND');
    expect((await call('GetOrderById', request, await as(stranger, ['admin']))).status).toBe('OK');
  });

  test('D42: tokens count as the platform signs them; others do not', async () => {
    const order = await place(newBuyer(), 'algebra');
    const request = { order_id: order.id, user_id: order.user_id };
    const own = `Bearer ${await token(order.user_id)}`;
    expect((await call('GetOrderById', request, { authorization: own })).status).toBe('OK');
    expect((await call('GetOrderById', request, { authorization: `${own}x` })).status).toBe('UNAUTHENTICATED');
  });

  test('D43: what a buyer did wrong has a code of its own and is never INTERNAL', async () => {
    const buyer = newBuyer();
    services.addCourse('own', { instructor_id: buyer });
    services.answers.GetUser = ({ user_id: id }) =>
      id === buyer ? { user: { id, status: 'active' } } : { status: status.NOT_FOUND };
    await expect(place(buyer, 'own')).rejects.toThrow(/FAILED_PRECONDITION OWN_COURSE/);
    await expect(place(newBuyer(), 'algebra')).rejects.toThrow(/PERMISSION_DENIED ACCOUNT_BLOCKED/);
  });

  test('D44: not found is an answer: at once, not again, and no reason to rest', async () => {
    services.answers.GetUser = () => ({ status: status.NOT_FOUND });
    for (let n = 0; n < 15; n++) await expect(place(newBuyer(), 'algebra')).rejects.toThrow(/ACCOUNT_BLOCKED/);
    expect(services.takeAsked().filter(({ method }) => method === 'GetUser')).toHaveLength(15);
    services.answers = {};
    expect((await place(newBuyer(), 'algebra')).status).toBe('pending_payment');
  });

  test('D45: every call out has a deadline and carries the trace on', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const request = { user_id: newBuyer(), course_ids: [services.addCourse('algebra')] };
    await call('PlaceOrder', request, { traceparent, 'x-correlation-id': 'one cause' });
    const asked = services.takeAsked().filter(({ metadata }) => metadata['x-correlation-id'] === 'one cause');
    expect(asked.map(({ method }) => method).sort()).toEqual(['CheckCourseEnrollment', 'GetCoursesByIds', 'GetUser']);
    for (const { metadata, patienceMs } of asked) {
      expect(metadata).toMatchObject({ traceparent });
      expect(patienceMs).toBeLessThanOrEqual(1_500);
    }
    services.answers.GetUser = () => new Promise(() => undefined);
    await expect(place(newBuyer(), 'algebra')).rejects.toThrow(/UNAVAILABLE SERVICE_UNAVAILABLE/);
    await eventually(() => services.cancelled.includes('GetUser'));
  });

  test('D46: the user service answers in two ways that a user is not there, and in the numbers of today', async () => {
    services.answers.GetUser = () => ({ error: { code: 'UserNotFoundException', message: 'no such user' } });
    await expect(place(newBuyer(), 'algebra')).rejects.toThrow(/PERMISSION_DENIED ACCOUNT_BLOCKED/);
    services.answers.GetUser = () => ({ error: { code: 'INTERNAL', message: 'no' } });
    await expect(place(newBuyer(), 'algebra')).rejects.toThrow(/UNAVAILABLE SERVICE_UNAVAILABLE/);
  });

  test.each(['blocked', 'deleted'])('D47: a %s user cannot order', async (state) => {
    services.answers.GetUser = ({ user_id: id }) => ({ user: { id, status: state } });
    await expect(place(newBuyer(), 'algebra')).rejects.toThrow(/PERMISSION_DENIED ACCOUNT_BLOCKED/);
  });

  test('D48: the payment service never gets an error inside an answer', async () => {
    for (const order_id of [idOf('no order'), 'not an id', ''])
      expect(await call('GetOrderById', { order_id, user_id: newBuyer() })).toMatchObject({ answer: undefined });
  });

  test('D49: metrics measure, and the log has neither tokens nor addresses nor payloads', async () => {
    const buyer = newBuyer();
    const bearer = `Bearer ${await token(buyer)}`;
    await call(
      'PlaceOrder',
      { user_id: buyer, course_ids: [services.addCourse('algebra')] },
      { authorization: bearer },
    );
    const [message] = await messages('order.course.created.v1', buyer);
    await say('payment.order.succeeded.v1', { id: String(message?.value.payload['orderId']), user_id: buyer });
    await messages('notification.channel.email.v1', buyer);
    expect(
      Number(
        await metric(
          /grpc_request_seconds_count\{method="\/order_service.OrderService\/PlaceOrder",status="OK"\} (\d+)/,
        ),
      ),
    ).toBeGreaterThan(0);
    const log = logged.join('');
    expect([log.includes(bearer.slice(7)), log.includes('mail.example'), log.includes('"payload"')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('D51: BookSession says that it is not offered', async () => {
    expect(refusal(await call('BookSession', { user_id: newBuyer(), session_id: 's' }))).toMatchObject({
      status: 'UNIMPLEMENTED',
    });
  });

  test('D52: settings have the names of the platform, and what is missing is named at the start', () => {
    const platform = {
      KAFKA_BROKERS: 'edulearn-app-kafka:9092',
      USER_SERVICE_GRPC: 'edulearn-user:50052',
      GRPC_PORT: '50054',
    };
    expect(loadConfig(platform)).toMatchObject({ KAFKA_BROKERS: ['edulearn-app-kafka:9092'], GRPC_PORT: 50_054 });
    expect(() => requireProductionSettings(loadConfig(platform))).toThrow(/DATABASE_URL.*JWT_ACCESS_TOKEN_SECRET/);
  });
});
