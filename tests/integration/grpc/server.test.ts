import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createChannel, createClient, type Channel } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import { ServerReflectionRequest } from 'nice-grpc-server-reflection/lib/proto/grpc/reflection/v1/reflection_pb.js';
import { callerGone } from '../../../src/observability/correlation.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { present } from '../../support/present.js';
import { orderIn } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const at = grpcStand();
const { call, nextBuyer, place } = at;
let channel: Channel;
beforeAll(() => void (channel = createChannel(`127.0.0.1:${at.port}`)));
afterAll(() => channel.close());

describe('health', () => {
  const check = (service: string) => createClient(HealthDefinition, channel).check({ service });

  test('says what /ready says, for the server and for the service', async () => {
    for (const service of ['', 'order_service.OrderService']) {
      at.setReady(true);
      expect(await check(service)).toEqual({ status: 1 });
      at.setReady(false);
      expect(await check(service)).toEqual({ status: 2 });
    }
    await expect(check('another.Service')).rejects.toThrow('NOT_FOUND');
  });

  test('a watch begins with the present state', async () => {
    at.setReady(false);
    const over = new AbortController();
    const watch = createClient(HealthDefinition, channel).watch({ service: '' }, { signal: over.signal });
    expect((await watch[Symbol.asyncIterator]().next()).value).toEqual({ status: 2 });
    over.abort();
  });
});

test('reflection tells explorers which calls there are', async () => {
  async function* questions() {
    yield new ServerReflectionRequest().setListServices('*');
    yield new ServerReflectionRequest().setFileContainingSymbol('order_service.OrderService');
  }
  const answers = createClient(ServerReflectionService, channel).serverReflectionInfo(questions());
  const [services, file] = await all(answers);
  const names = services?.getListServicesResponse()?.getServiceList() ?? [];
  expect(names.map((one) => one.getName())).toEqual(['order_service.OrderService']);
  const [descriptor] = file?.getFileDescriptorResponse()?.getFileDescriptorProtoList_asU8() ?? [];
  expect(Buffer.from(descriptor ?? []).toString('latin1')).toContain('GetRevenueStats');
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('a call', () => {
  test('of which the caller hangs up does no more work: nothing is placed', async () => {
    const buyer = nextBuyer();
    const course = at.stand.neighbours.addCourse('algebra');
    const { users } = at.stand.neighbours;
    const findUser = users.findUser;
    // The answer about the user comes when the server knows that the caller has gone.
    users.findUser = async (id) => {
      await once(present(callerGone()), 'abort');
      return findUser(id);
    };
    const outcome = await call('PlaceOrder', { user_id: buyer, course_ids: [course] }, {}, 100);
    users.findUser = findUser;
    expect(outcome.status).toBe('DEADLINE_EXCEEDED');
    // A call that came later has been answered: the one before it has had its time.
    expect(orderIn(await place(nextBuyer(), ['algebra'])).status).toBe('pending_payment');
    expect(await at.stand.sql('select 1 from orders where buyer_id = $1', [buyer])).toEqual([]);
  });

  test('carries correlation and trace into what it causes', async () => {
    const buyer = nextBuyer();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const order = orderIn(await place(buyer, ['algebra'], { 'x-correlation-id': 'a cause', traceparent }));
    expect(await at.stand.sql('select headers from outbox where aggregate_id = $1', [order.id])).toEqual([
      { headers: { 'x-correlation-id': 'a cause', traceparent } },
    ]);
  });

  test('of 220 KB is taken, one of 300 KB refused', async () => {
    const ids = (count: number) => Array.from({ length: count }, () => idOf('algebra'));
    const sizeOf = async (count: number) =>
      (await call('PlaceOrder', { user_id: nextBuyer(), course_ids: ids(count) })).status;
    expect(await sizeOf(6_000)).toBe('INVALID_ARGUMENT');
    expect(await sizeOf(8_000)).toBe('RESOURCE_EXHAUSTED');
  }, 30_000);

  test('while the database is away is answered as such: 503 and when to try again', async () => {
    at.stand.proxy.stop();
    const outcome = await call('GetOrders', { user_id: nextBuyer() });
    at.stand.proxy.resume();
    expect(outcome).toMatchObject({ status: 'UNAVAILABLE', error_code: 'UNAVAILABLE', reason: 'SERVICE_UNAVAILABLE' });
    expect(outcome.trailer.get('retry-after-seconds')).toEqual(['5']);
    await eventually(async () => (await call('GetOrders', { user_id: nextBuyer() })).status === 'OK');
  });

  test('that fails for no known reason says nothing of the inside', async () => {
    await at.stand.sql('alter table orders rename to hidden');
    const outcome = await call('GetOrderStatus', { order_id: idOf('x') }, { 'x-correlation-id': 'to be found' });
    await at.stand.sql('alter table hidden rename to orders');
    expect(outcome).toMatchObject({ status: 'INTERNAL', error_code: 'INTERNAL', reason: 'to be found' });
    expect(JSON.stringify(outcome)).not.toMatch(/relation|select|orders"/);
    await eventually(async () => (await call('GetOrders', { user_id: nextBuyer() })).status === 'OK');
  });
});
