import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { FAULTS, startCallbackRouter, type CallbackRouter } from '../support/callback-router.js';
import { eventually } from '../support/eventually.js';
import { startKafka } from '../support/kafka.js';
import { redisUrl } from '../support/redis.js';
import { COURSES } from './support/buyers.js';
import { startKeySet, type KeySet } from './support/key-set.js';
import { askReplica, type Replica } from './support/replica.js';
import { ROUTER_SECRET } from './support/secrets.js';
import { canStartSite, startSite, type Site } from './support/site.js';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.js';

/** Nobody buys a course twice: there are more students than can buy all courses in the time. */
const STUDENTS = process.env.FULL ? 10_000 : 200;
const CALLERS = 4;
const FAULT_MS = process.env.FULL ? 20_000 : 1_500;
const AGAIN_MS = 40_000;

const PLACE =
  'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename ... on PlaceOrderSuccess { order { id } } } }';
const START = 'mutation ($input: StartPaymentInput!) { startPayment(input: $input) { __typename } }';
const BOOK = 'mutation ($input: BookSessionInput!) { bookSession(input: $input) { __typename } }';
const FOLLOW = 'subscription ($id: ID!) { orderStatusChanged(orderId: $id, afterVersion: 0) { version } }';
const MINE = '{ myOrders { totalCount nodes { id availableActions { name } } } myWaitlist { id title } }';

/** Whatever it is asked, it answers bytes that mean nothing. */
async function startBabbler() {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', () => void socket.write(randomBytes(64)));
    socket.write(randomBytes(16));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

(canStartSite() ? describe : describe.skip)('given a service all of whose outgoing calls fail', () => {
  const proxies = new Map<string, TcpProxy>();
  let [site, replica]: [Site?, Replica?] = [];
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let [router, keys]: [CallbackRouter?, KeySet?] = [];
  let babbler: Awaited<ReturnType<typeof startBabbler>>;
  const students = generatedStudentIds(STUDENTS);
  let next = 0;

  const proxied = async (name: string, target: string) => {
    const proxy = await startTcpProxy(target);
    proxies.set(name, proxy);
    return proxy.address;
  };
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('it was not started');
    return value;
  };

  beforeAll(async () => {
    [router, keys, babbler] = [await startCallbackRouter(), await startKeySet(), await startBabbler()];
    const bus = await proxied('kafka', '127.0.0.1:9');
    kafka = await startKafka(Number(bus.split(':')[1]));
    await proxies.get('kafka')?.pass(`127.0.0.1:${kafka.port}`);
    const redis = await proxied('redis', new URL(redisUrl() ?? '').host);
    site = await startSite({ students: STUDENTS, brokers: [bus], redisUrl: `redis://${redis}` });
    const { addresses } = site.neighbours;
    replica = await site.startReplica({
      NEIGHBOUR_TIMEOUT_MS: '500',
      REQUEST_TIMEOUT_MS: '3000',
      SHUTDOWN_DELAY_MS: '0',
      USER_SERVICE_GRPC: await proxied('user', addresses.user),
      COURSE_SERVICE_GRPC: await proxied('course', addresses.course),
      PAYMENT_SERVICE_GRPC: await proxied('payment', addresses.payment),
      SESSION_SERVICE_GRPC: await proxied('session', addresses.session),
      JWKS_URL: `http://${await proxied('keys', keys.address)}/keys`,
      SUBSCRIPTION_CALLBACK_URLS: router.url,
    });
  }, 120_000);
  afterAll(async () => {
    await site?.stop();
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    await Promise.all([router?.close(), keys?.close(), kafka?.stop()]);
    babbler.close();
  }, 60_000);

  async function subscribe(token: string, orderId: string): Promise<void> {
    const id = randomUUID();
    const callbackUrl = `${there(router).url}/${id}`;
    const subscription = { callbackUrl, subscriptionId: id, verifier: 'v', heartbeatIntervalMs: 300 };
    await fetch(`${there(replica).url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-router-secret': ROUTER_SECRET,
      },
      body: JSON.stringify({ query: FOLLOW, variables: { id: orderId }, extensions: { subscription } }),
    });
  }

  /** What one buyer does. Every answer will do, as long as there is one. @returns the order that was placed, if one was */
  async function shop(): Promise<string | undefined> {
    const at = there(replica);
    const number = next++;
    const userId = students[number % STUDENTS] ?? '';
    const token = await there(keys).tokenOf(userId);
    // The first makes the service ask for keys, in good times as in bad ones.
    await askReplica(at, await there(keys).tokenOf(userId, randomUUID()), MINE);
    const courseIds = [COURSES[Math.floor(number / STUDENTS) % COURSES.length]];
    const placed = (await askReplica(at, token, PLACE, { input: { courseIds } })) as {
      data?: { placeOrder?: { order?: { id: string } } } | null;
    };
    const orderId = placed.data?.placeOrder?.order?.id;
    const some = orderId ?? randomUUID();
    await Promise.all([
      askReplica(at, token, START, { input: { orderId: some, provider: 'STRIPE' } }),
      askReplica(at, token, BOOK, { input: { sessionId: randomUUID() } }),
      askReplica(at, token, MINE),
      subscribe(token, some),
    ]);
    return orderId;
  }

  async function shopFor(ms: number): Promise<void> {
    const until = Date.now() + ms;
    const caller = async () => {
      while (Date.now() < until) await shop();
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  const each = (change: (proxy: TcpProxy) => unknown) => Promise.all([...proxies.values()].map(change));
  const answers = (name: string) => {
    const fault = FAULTS[name];
    if (!fault) throw new Error(`no fault is named ${name}`);
    there(router).answers(({ action }) =>
      action === 'check' && Math.random() < 0.5 ? (r) => r.writeHead(204).end() : fault,
    );
    there(keys).answers(fault);
  };

  it.each<[name: string, fault: () => unknown]>([
    ['are refused', () => each((proxy) => proxy.refuse())],
    ['are reset', () => each((proxy) => proxy.reset())],
    ['are never answered', () => each((proxy) => proxy.silence())],
    ['are answered by garbage', () => each((proxy) => proxy.pass(babbler.address))],
    ...Object.keys(FAULTS).map((name): [string, () => unknown] => [`go to HTTP that ${name}`, () => answers(name)]),
  ])(
    'because they %s, then the process stays up, no rejection is left unhandled, and afterwards it sells again',
    async (_name, fault) => {
      const at = there(replica);
      expect(await eventually(shop, Boolean, { limitMs: AGAIN_MS, everyMs: 200 })).toBeTruthy();
      await fault();
      await shopFor(FAULT_MS);
      expect(at.isAlive()).toBe(true);
      expect((await fetch(`${at.url}/healthz`)).status).toBe(200);
      await each((proxy) => proxy.pass());
      await proxies.get('kafka')?.pass(`127.0.0.1:${kafka.port}`);
      there(router).answers(() => (response) => void response.writeHead(204).end());
      there(keys).answers();
      expect(await eventually(shop, Boolean, { limitMs: AGAIN_MS, everyMs: 200 })).toBeTruthy();
      expect(at.isAlive()).toBe(true);
      expect(await at.metric('order_service_unhandled_rejections_total')).toBe(0);
    },
    120_000,
  );
});
