import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient as createWsClient } from 'graphql-ws';
import { createChannel, createClient as createGrpcClient, Metadata } from 'nice-grpc';
import WebSocket from 'ws';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { signToken } from '../../dev/sample/sign-token.js';
import { OrderServiceDefinition } from '../../src/generated/order_service.js';
import { eventually } from '../support/eventually.js';
import { scaled } from '../support/scale.js';
import { COURSES } from './support/buyers.js';
import { askReplica, type Replica } from './support/replica.js';
import { ROUTER_SECRET, SITE_SECRET } from './support/secrets.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const ROUNDS = scaled(10);
const CALLERS = 12;
const STUDENTS = 5_000;
const WARM_CALLS = 100;
const LIMIT_MS = 20_000;
const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  ... on PlaceOrderSuccess { order { id } } ... on UserError { code message } } }`;
const FOLLOW = `subscription ($id: ID!) { orderStatusChanged(orderId: $id) { ends } }`;

(canStartSite() ? describe : describe.skip)('given a replica under load over HTTP, gRPC and WebSocket', () => {
  let site: Site;
  let students: readonly string[];
  let next = 0;

  beforeAll(async () => {
    site = await startSite({ students: STUDENTS });
    students = generatedStudentIds(STUDENTS);
  }, 90_000);
  afterAll(() => site.stop(), 60_000);

  const tokenOf = (userId: string) => signToken({ userId, roles: ['student'], ttlSeconds: 600, secret: SITE_SECRET });

  /** Who orders what next, under a key that tells the call. */
  const newCall = () => {
    const number = next++;
    const userId = students[number % STUDENTS] as string;
    const courseId = COURSES[Math.floor(number / STUDENTS)] as string;
    return { userId, courseId, key: `shutdown-${number}` };
  };
  type Place = (call: ReturnType<typeof newCall>) => Promise<string>;

  const overHttp =
    (replica: Replica): Place =>
    async ({ userId, courseId, key: idempotencyKey }) => {
      const input = { courseIds: [courseId], idempotencyKey };
      const { data } = await askReplica(replica, await tokenOf(userId), PLACE, { input });
      return (data as { placeOrder: { order: { id: string } } }).placeOrder.order.id;
    };

  function overGrpc(port: string): { place: Place; close(): void } {
    const channel = createChannel(`127.0.0.1:${port}`);
    const client = createGrpcClient(OrderServiceDefinition, channel);
    return {
      place: async ({ userId, courseId, key }) => {
        const metadata = Metadata({ 'idempotency-key': key });
        const { result } = await client.placeOrder({ userId, courseIds: [courseId] }, { metadata });
        if (result?.$case !== 'success') throw new Error('no order in the answer');
        return result.value.order?.id ?? '';
      },
      close: () => channel.close(),
    };
  }

  /** Calls again and again until a call is not answered. */
  async function callUntilRefused(place: Place, answered: Map<string, string>, refused: Map<string, unknown>) {
    for (;;) {
      const call = newCall();
      try {
        answered.set(call.key, await place(call));
      } catch (error) {
        refused.set(call.key, error);
        return;
      }
    }
  }

  /** Follows an order. @returns why the stream ended */
  async function follow(replica: Replica, orderId: string, userId: string): Promise<string> {
    const authorization = `Bearer ${await tokenOf(userId)}`;
    const client = createWsClient({
      url: replica.url.replace('http', 'ws') + '/graphql',
      webSocketImpl: WebSocket,
      connectionParams: { authorization, 'x-router-secret': ROUTER_SECRET },
      retryAttempts: 0,
    });
    const changes = client.iterate<{ orderStatusChanged: { ends: string | null } }>({
      query: FOLLOW,
      variables: { id: orderId },
    });
    for await (const { data } of changes) if (data?.orderStatusChanged.ends) return data.orderStatusChanged.ends;
    return 'ended without a reason';
  }

  it('when it is told to stop, then no answer is lost, streams end with SHUTDOWN and it is gone in time', async () => {
    const answered = new Map<string, string>();
    const refused = new Map<string, unknown>();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const replica = await site.startReplica();
      const first = newCall();
      const followed = follow(replica, await overHttp(replica)(first), first.userId);
      const grpc = overGrpc(replica.grpcPort);
      const before = answered.size;
      const load = Array.from({ length: CALLERS }, (_, n) =>
        callUntilRefused(n % 3 === 0 ? grpc.place : overHttp(replica), answered, refused),
      );
      await eventually(() => answered.size > before + WARM_CALLS, Boolean, { limitMs: 60_000 });
      const began = performance.now();
      const code = await replica.stop();
      times.push(performance.now() - began);
      await Promise.all(load);
      grpc.close();
      expect([code, await followed]).toEqual([0, 'SHUTDOWN']);
    }

    // A call that was not answered must not have had an effect either.
    const lost = await site.sql('select key from idempotency where key = any($1)', [[...refused.keys()]]);
    expect(lost).toEqual([]);
    const kept = await site.sql('select id from orders where id = any($1)', [[...answered.values()]]);
    expect(kept).toHaveLength(answered.size);
    expect(await site.sql(`select shard from relay_leases where until > now()`)).toEqual([]);
    expect(Math.max(...times)).toBeLessThan(LIMIT_MS);
    process.stdout.write(
      `told to stop: ${ROUNDS} times under load, ${answered.size} calls answered, ${refused.size} refused, 0 lost, ` +
        `gone after at most ${Math.round(Math.max(...times))} ms\n`,
    );
  }, 300_000);
});
