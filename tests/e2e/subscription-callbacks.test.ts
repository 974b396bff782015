import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { signToken } from '../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import { eventually } from '../support/eventually.js';
import { startProduct, type Product } from './support/product.js';
import { COURSE } from './support/life-stand.js';
import { people, PLACE } from './support/purchase-steps.js';

interface Call {
  readonly action: 'check' | 'next' | 'complete';
  readonly id: string;
  readonly verifier: string;
  readonly payload?: {
    readonly data: { readonly orderStatusChanged: { readonly version: number; readonly ends: string | null } };
  };
}

const FOLLOW = `subscription ($id: ID!) { orderStatusChanged(orderId: $id, afterVersion: 0) { version ends } }`;

/** What a router does that is called back: it knows its subscriptions, and hears of changes. */
async function startRouter() {
  const calls: Call[] = [];
  const router = Fastify();
  router.post('/callback/:id', async (request, reply) => {
    calls.push(request.body as Call);
    return reply.code(204).header('subscription-protocol', 'callback/1.0').send();
  });
  router.post('/elsewhere', async (request, reply) => {
    calls.push(request.body as Call);
    return reply.code(204).send();
  });
  await router.listen({ host: '127.0.0.1', port: 0 });
  const { port } = router.server.address() as AddressInfo;
  return { router, calls, url: `http://127.0.0.1:${port}` };
}

describe('given a router that is called back', () => {
  let product: Product;
  let router: FastifyInstance;
  let [calls, url] = [[] as Call[], ''];
  let orderId: string;
  let [id, count] = ['', 0];

  beforeAll(async () => {
    const started = await startRouter();
    ({ router, calls, url } = started);
    product = await startProduct({ SUBSCRIPTION_CALLBACK_URLS: `${url}/callback` });
    const asha = await product.as(people.asha);
    const input = { courseIds: [COURSE] };
    orderId = (await asha.ask(PLACE, { input })).data.placeOrder.order.id;
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await router.close();
  });
  // Streams of other tests go on being checked: each test looks at its own.
  beforeEach(() => void (id = `sub-${++count}`));

  async function subscribe(callbackUrl: string, heartbeatIntervalMs = 300, user = people.asha) {
    const token = await signToken({ userId: user, roles: ['student'], ttlSeconds: 60, secret: LAPTOP_JWT_SECRET });
    const subscription = { callbackUrl, subscriptionId: id, verifier: 'secret', heartbeatIntervalMs };
    const answer = await fetch(`http://127.0.0.1:${product.laptop.config.HTTP_PORT}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json;callbackSpec=1.0',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ query: FOLLOW, variables: { id: orderId }, extensions: { subscription } }),
    });
    return (await answer.json()) as { data: unknown; errors?: { extensions: { code: string } }[] };
  }
  const mine = () => calls.filter((call) => call.id === id);
  const of = (action: Call['action']) => mine().filter((call) => call.action === action);

  it('then it is checked, told every change, and kept informed three times in its interval, until it is complete', async () => {
    expect(await subscribe(`${url}/callback/${id}`)).toEqual({ data: null });
    await eventually(
      () => of('next').length,
      (count) => count >= 1,
    );
    await eventually(
      () => of('check').length,
      (count) => count >= 4,
    );
    expect(mine()[0]).toMatchObject({ action: 'check', verifier: 'secret' });
    const admin = await product.as(people.admin, { roles: ['admin'] });
    await admin.ask(`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }`, {
      input: { orderId },
    });
    await eventually(
      () => of('next').length,
      (count) => count >= 2,
    );
    const versions = of('next').map(({ payload }) => payload?.data.orderStatusChanged.version);
    expect(versions).toEqual([1, 2]);
  }, 30_000);

  it.each([
    ['another path', () => `${url}/elsewhere`],
    ['a path that only begins alike', () => `${url}/callbacks/${id}`],
    ['another host', () => url.replace('127.0.0.1', 'localhost') + `/callback/${id}`],
    ['a way out of the path', () => `${url}/callback/../elsewhere`],
    ['no URL', () => 'callback'],
  ])('then nobody is called at what is not allowed: %s', async (_, callbackUrl) => {
    const { errors } = await subscribe(callbackUrl());
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_REQUEST']);
    expect(mine()).toEqual([]);
  });

  it('then somebody else’s order is refused, and the router told so', async () => {
    await subscribe(`${url}/callback/${id}`, 300, people.ben);
    await eventually(
      () => of('complete').length,
      (count) => count === 1,
    );
    expect(JSON.stringify(of('complete'))).toContain('NOT_FOUND');
    expect(of('next')).toEqual([]);
  });
});
