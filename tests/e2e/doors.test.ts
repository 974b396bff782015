import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { ClientError, createChannel, createClient as createGrpcClient, Metadata, Status } from 'nice-grpc';
import WebSocket from 'ws';
import { signToken } from '../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import { OrderServiceDefinition, type OrderServiceClient } from '../../src/generated/order_service.js';
import { startProduct, type Product } from './support/product.js';
import type { Graph } from './support/graph.js';
import { FOLLOW, people, placeAndStart, untilOrder } from './support/purchase-steps.js';

const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
let product: Product;
let asha: Graph;
let orderId: string;

beforeAll(async () => {
  // The older payment contract, so that both are walked through by the e2e tests.
  product = await startProduct({ PAYMENT_CONTRACT: 'v1' });
  asha = await product.as(people.asha);
  const { orderId: id, session } = await placeAndStart(asha, [COURSE]);
  orderId = id;
  await product.press('approve', session);
  await untilOrder(asha, orderId, 'SUCCEEDED', 'FULFILLED');
}, 60_000);
afterAll(() => product.stop(), 30_000);

const token = (userId: string, roles = ['student']) =>
  signToken({ userId, roles, ttlSeconds: 60, secret: LAPTOP_JWT_SECRET });

describe('given the platform’s gRPC OrderService', () => {
  let channel: ReturnType<typeof createChannel>;
  let client: OrderServiceClient;

  beforeAll(() => {
    channel = createChannel(`127.0.0.1:${product.laptop.config.GRPC_PORT}`);
    client = createGrpcClient(OrderServiceDefinition, channel) as OrderServiceClient;
  });
  afterAll(() => channel.close());

  async function failure(call: (options: { onTrailer(trailer: Metadata): void }) => Promise<unknown>) {
    let trailer: Metadata | undefined;
    const error = await call({ onTrailer: (it) => (trailer = it) }).catch((reason: unknown) => reason);
    if (!(error instanceof ClientError)) throw new Error('the call did not fail');
    return {
      code: error.code,
      error_code: trailer?.get('error_code'),
      reason: trailer?.get('reason'),
      detail: trailer?.get('detail'),
    };
  }

  it('when the payment service asks as it does, then the order comes in minor units and lower-case words', async () => {
    const { result } = await client.getOrderById({ orderId, userId: people.asha });
    expect(result).toMatchObject({
      $case: 'success',
      value: {
        order: {
          id: orderId,
          userId: people.asha,
          amount: { total: 49_900, currency: 'INR', discount: 50_000, subTotal: 99_900, salesTax: 0 },
          status: 'succeeded',
          items: [{ courseId: COURSE, price: 49_900 }],
          paymentDetails: { provider: 'stripe', paymentStatus: 'success' },
        },
      },
    });
    expect(result?.$case === 'success' && result.value.order?.createdAt).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/,
    );
  });

  it('when the status is asked for, then it is one word', async () => {
    const { result } = await client.getOrderStatus({ orderId });
    expect(result).toEqual({ $case: 'success', value: { orderId, status: 'succeeded' } });
  });

  it.each([
    ['a missing order', { orderId: people.nobody, userId: people.asha }, Status.NOT_FOUND, 'ORDER_NOT_FOUND'],
    ['another user’s order', { userId: people.ben }, Status.NOT_FOUND, 'ORDER_NOT_FOUND'],
    ['a malformed id', { orderId: 'x', userId: people.asha }, Status.INVALID_ARGUMENT, 'INVALID_ORDER_ID'],
  ])('%s is a status with metadata, never an in-band error', async (_name, request, code, reason) => {
    expect(await failure((options) => client.getOrderById({ orderId, ...request }, options))).toEqual({
      code,
      error_code: Status[code],
      reason,
      detail: expect.any(String),
    });
  });

  it('when a token comes along, then it counts and must be of the user named', async () => {
    const as = (jwt: string) => ({ metadata: Metadata({ authorization: `Bearer ${jwt}` }) });
    const ben = as(await token(people.ben));
    expect(
      await failure((options) => client.getOrderById({ orderId, userId: people.asha }, { ...ben, ...options })),
    ).toMatchObject({ code: Status.NOT_FOUND });
    expect(await failure((options) => client.getOrderStatus({ orderId }, { ...ben, ...options }))).toMatchObject({
      code: Status.NOT_FOUND,
    });
    expect(
      await failure((options) => client.getOrderStatus({ orderId }, { ...as('no.token.here'), ...options })),
    ).toMatchObject({ code: Status.UNAUTHENTICATED });
    const admin = as(await token(people.admin, ['admin']));
    expect((await client.getOrderById({ orderId, userId: people.asha }, admin)).result?.$case).toBe('success');
  });

  it('then a session that nobody knows cannot be booked', async () => {
    expect(
      await failure((options) => client.bookSession({ userId: people.asha, sessionId: people.nobody }, options)),
    ).toMatchObject({
      code: Status.NOT_FOUND,
      reason: 'NOT_FOUND',
    });
  });
});

describe('given a WebSocket at the gateway and at the subgraph alike', () => {
  const urls = () => [product.laptop.gatewayUrl, `http://127.0.0.1:${product.laptop.config.HTTP_PORT}/graphql`];

  async function firstAnswer(url: string, connectionParams: Record<string, unknown>) {
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams,
      retryAttempts: 0,
    });
    try {
      for await (const answer of client.iterate({ query: FOLLOW, variables: { id: orderId } })) return answer;
      return undefined;
    } catch (error) {
      return { errors: error };
    } finally {
      await client.dispose();
    }
  }

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'when the token comes as %s, then it counts',
    async (name) => {
      for (const url of urls()) {
        const answer = await firstAnswer(url, { [name]: `Bearer ${await token(people.asha)}` });
        expect(answer).toMatchObject({ data: { orderStatusChanged: { snapshot: true, ends: 'COMPLETE' } } });
      }
    },
  );

  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: 'Bearer x.y.z' }],
  ])('when there is %s, then the stream is refused before anything is streamed', async (_name, parameters) => {
    for (const url of urls()) {
      expect(JSON.stringify(await firstAnswer(url, parameters))).toContain('UNAUTHENTICATED');
    }
  });

  it('when the token ends, then the stream ends with a reason', async () => {
    const ben = await product.as(people.ben, { ttlSeconds: 3 });
    const { orderId: id } = await placeAndStart(ben, [COURSE]);
    const stream = ben.follow(FOLLOW, { id });
    await stream.ended;
    expect(stream.answers.at(-1)?.data.orderStatusChanged).toMatchObject({ ends: 'TOKEN_EXPIRED' });
  });
});

describe('given the sessions of the sample', () => {
  it('then the graph shows them with what the session service tells', async () => {
    const { data } = await asha.ask(
      '{ upcomingSessions { id title price { amount currency } capacity startsAt } session(id: "x") { id } }',
    );
    expect(data.session).toBeNull();
    expect(data.upcomingSessions).toHaveLength(8);
    expect(data.upcomingSessions).toContainEqual(
      expect.objectContaining({
        title: 'Schema design clinic',
        price: { amount: 49_900, currency: 'INR' },
        capacity: 30,
      }),
    );
  });
});

describe('given an operation that makes no sense', () => {
  it('then the answer is an error with a code and without internals', async () => {
    const url = `http://127.0.0.1:${product.laptop.config.HTTP_PORT}/graphql`;
    const ask = (body: string) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answers = await Promise.all(['{', '{"query":"{ nope }"}', '{"query":"{ order(id: 5.5) { id } }"}'].map(ask));
    for (const answer of answers) expect(await answer.text()).not.toMatch(/node_modules|select |stack/i);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });

  it('then a form post from another site is refused', async () => {
    const url = `http://127.0.0.1:${product.laptop.config.HTTP_PORT}/graphql?query=${encodeURIComponent('{ __typename }')}`;
    expect((await fetch(url, { headers: { 'content-type': 'text/plain' } })).status).toBe(400);
  });
});
