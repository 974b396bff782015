import { describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { loadConfig, requireProductionSettings } from '../../../src/config.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { canStartKafka } from '../../support/kafka.js';
import { refusal } from '../../support/wire.js';
import { platformStand } from './platform-stand.js';

/* Defects of the old order service that ours is without. The numbers are those of docs/replacing-order-srv.md. */
(canStartKafka() ? describe : describe.skip)('security and operation', () => {
  const at = platformStand({ NEIGHBOUR_TIMEOUT_MS: '1500', FULFILMENT_RETRY_MINUTES: '0.005,0.005,0.005' });
  const { call, logged, messages, newBuyer, place, say, services, token } = at;
  const metric = async (line: RegExp) => line.exec(await (await fetch(`${at.app.httpUrl}/metrics`)).text())?.[1];

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

  test('D51: BookSession says why it cannot book: here the platform has no session service', async () => {
    const request = { user_id: newBuyer(), session_id: idOf('a session') };
    expect(refusal(await call('BookSession', request))).toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'SERVICE_UNAVAILABLE',
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
