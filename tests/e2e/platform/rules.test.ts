import { gzipSync } from 'node:zlib';
import { connect } from 'node:http2';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../src/config.js';
import { idOf } from '../../support/ids.js';
import { canStartKafka } from '../../support/kafka.js';
import { orderIn, refusal } from '../../support/wire.js';
import { platformStand } from './platform-stand.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/* What the services around it rely on. The numbers are those of docs/replacing-order-srv.md. */
(canStartKafka() ? describe : describe.skip)('what the platform relies on', () => {
  const at = platformStand({ FULFILMENT_RETRY_MINUTES: '0.005,0.005,0.005' });
  const { call, messages, newBuyer, place, say, services, until } = at;

  test('R1: gRPC on 50054 and HTTP on 3000 unless set, and the path of the service', async () => {
    expect(loadConfig({})).toMatchObject({ GRPC_PORT: 50_054, HTTP_PORT: 3_000 });
    const answer = await rawCall(at.app.grpcPort, '/order_service.OrderService/GetOrderStatus', Buffer.from([]));
    expect(answer.headers['content-type']).toBe('application/grpc+proto');
  });

  test('R2: order ids are UUIDs', async () => {
    expect((await place(newBuyer(), 'algebra')).id).toMatch(UUID);
  });

  test('R3: courses cost whole rupees, orders count paise, over gRPC and Kafka alike', async () => {
    services.addCourse('geometry', { price: 1_299, discount_price: 999 });
    const order = await place(newBuyer(), 'geometry');
    expect(order).toMatchObject({
      amount: { total: 99_900, sub_total: 129_900, discount: 30_000 },
      items: [{ price: 99_900 }],
    });
    const [created] = await messages('order.course.created.v1', order.id);
    expect(created?.value.payload).toMatchObject({ subtotal: 129_900, discount: 30_000, total: 99_900, tax: 0 });
  });

  test('R4: statuses are lower-case words', async () => {
    const order = await place(newBuyer(), 'algebra');
    const seen = [order.status];
    await say('payment.order.initiated.v1', order);
    seen.push((await until(order, 'processing')).status);
    await say('payment.order.succeeded.v1', order, { paymentStatus: 'success' });
    seen.push((await until(order, 'succeeded')).status);
    expect(seen).toEqual(['pending_payment', 'processing', 'succeeded']);
  });

  test('R5: the prices of the items add up to a total above zero in a currency that payment knows', async () => {
    services.addCourse('odd', { price: 333, discount_price: 111 });
    const { items, amount } = await place(newBuyer(), 'algebra', 'geometry', 'odd');
    expect(items.reduce((sum, { price = 0 }) => sum + price, 0)).toBe(amount.total);
    expect(amount.currency).toBe('INR');
  });

  test('R6: an order that is not there is a status, never an error inside an answer', async () => {
    const outcome = await call('GetOrderById', { order_id: idOf('no order'), user_id: newBuyer() });
    expect(outcome).toMatchObject({ status: 'NOT_FOUND', answer: undefined });
  });

  test('R7: a refusal carries error_code, detail and reason behind it', async () => {
    const outcome = await call('GetOrderById', { order_id: idOf('no order'), user_id: newBuyer() });
    expect(refusal(outcome)).toEqual({ status: 'NOT_FOUND', error_code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' });
    expect(outcome.detail).toBe('There is no such order.');
  });

  test('R8: what the course service reads of a paid order', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.succeeded.v1', order, { paymentStatus: 'success' });
    const [message] = await messages('order.course.succeeded.v1', order.id);
    expect(message?.value).toEqual({
      eventId: expect.stringMatching(UUID),
      eventType: 'CourseOrderSucceeded',
      timestamp: expect.any(Number),
      eventVersion: '0.0.1',
      source: 'order-service',
      correlationId: expect.any(String),
      payload: {
        orderId: order.id,
        userId: order.user_id,
        items: [{ courseId: idOf('algebra'), price: 49_900 }],
        amount: 49_900,
        currency: 'INR',
        instructorId: idOf('teacher of algebra'),
        orderVersion: 3,
      },
    });
    expect(Number.isInteger(message?.value['timestamp'])).toBe(true);
  });

  test('R9: an abandoned payment as it comes: on the failed topic, without source, provider or their ids', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.initiated.v1', order);
    await until(order, 'processing');
    const bare = { paymentStatus: 'cancelled', provider: undefined, providerOrderId: undefined };
    await say('payment.order.failed.v1', order, bare, { source: undefined, eventVersion: undefined });
    expect((await until(order, 'failed')).payment_details).toMatchObject({
      provider: 'stripe',
      payment_status: 'failed',
    });
  });

  test('R10: a success before its beginning, twice, with a second payment and a late one', async () => {
    const order = await place(newBuyer(), 'algebra');
    const eventId = idOf(`event of ${order.id}`);
    await say('payment.order.succeeded.v1', order, {}, { eventId });
    await until(order, 'succeeded');
    await say('payment.order.succeeded.v1', order, {}, { eventId });
    await say('payment.order.initiated.v1', order);
    await say('payment.order.succeeded.v1', order, { paymentId: `second of ${order.id}` });
    const [refund] = await messages('payment.refund.requested.v1', order.id);
    expect(refund?.value.payload).toMatchObject({ paymentId: `second of ${order.id}`, amount: 49_900 });
    expect(await messages('order.course.succeeded.v1', order.id)).toHaveLength(1);
  });

  test('R11: the user comes as x-user-id, the key of a request as idempotency-key', async () => {
    const buyer = newBuyer();
    const course_ids = [services.addCourse('algebra')];
    const metadata = { 'x-user-id': buyer, 'idempotency-key': 'X-1', 'x-user': JSON.stringify({ userId: buyer }) };
    const [one, two] = [
      await call('PlaceOrder', { course_ids }, metadata),
      await call('PlaceOrder', { course_ids }, metadata),
    ];
    expect([orderIn(one).user_id, orderIn(two).id]).toEqual([buyer, orderIn(one).id]);
  });

  test('R12: a user with an avatar, in the numbers of the user service of today, byte for byte', async () => {
    const buyer = newBuyer();
    const field = (number: number, text: string) =>
      Buffer.concat([Buffer.from([(number << 3) | 2, text.length]), Buffer.from(text)]);
    const user = Buffer.concat([
      ...[field(1, buyer), field(2, 'a@b.example'), field(3, 'student'), field(4, 'A'), field(5, 'B'), field(6, 'ab')],
      ...[field(7, 'a-b'), field(8, 'https://cdn.example/a.png'), field(9, 'active')],
    ]);
    services.answers.GetUser = () => Buffer.concat([Buffer.from([0x0a, user.length]), user]);
    expect((await place(buyer, 'algebra')).status).toBe('pending_payment');
  });

  test('R13: a discount price that is absent or zero is no discount, not a price of nothing', async () => {
    services.addCourse('undiscounted', { price: 700 });
    services.addCourse('saved', { price: 300, discount_price: 0 });
    expect((await place(newBuyer(), 'undiscounted')).amount).toMatchObject({ total: 70_000 });
    expect((await place(newBuyer(), 'saved')).amount).toMatchObject({ total: 30_000, sub_total: 30_000 });
  });

  test('R14: a delivery that does not come is announced again under a new event id', async () => {
    const order = await place(newBuyer(), 'algebra');
    await say('payment.order.succeeded.v1', order);
    const announced = await messages('order.course.succeeded.v1', order.id, 2);
    expect(new Set(announced.map(({ value }) => value.eventId)).size).toBe(announced.length);
    expect(new Set(announced.map(({ value }) => JSON.stringify(value.payload['items']))).size).toBe(1);
  });

  test('R15: requests compressed with gzip', async () => {
    const message = gzipSync(Buffer.concat([Buffer.from([0x0a, 36]), Buffer.from(idOf('no order'))]));
    const answer = await rawCall(at.app.grpcPort, '/order_service.OrderService/GetOrderStatus', message, 'gzip');
    expect(answer.trailers['grpc-status']).toBe('5');
  });
});

/** A gRPC call by HTTP/2 alone. */
async function rawCall(port: number, path: string, message: Buffer, encoding = 'identity') {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    te: 'trailers',
    'content-type': 'application/grpc+proto',
    'grpc-encoding': encoding,
    'grpc-timeout': '30S',
  });
  const frame = Buffer.alloc(5);
  frame.writeUInt8(encoding === 'identity' ? 0 : 1, 0);
  frame.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([frame, message]));
  let [headers, trailers]: Record<string, unknown>[] = [{}, {}];
  stream.on('response', (received) => (headers = { ...received }));
  stream.on('trailers', (received) => (trailers = { ...received }));
  stream.resume();
  await new Promise((resolve, reject) => stream.once('close', resolve).once('error', reject));
  session.close();
  // An answer without a body has its status among the headers.
  return { headers: headers ?? {}, trailers: { ...headers, ...trailers } };
}
