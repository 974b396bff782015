import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateOperations } from '../../../dev/shop/generate-operations.js';

interface Ask {
  readonly key: string;
  readonly at: number;
}

type Place = (courseIds: string[]) => Promise<{ order: { number: string } }>;
type Answer = { readonly status?: number; readonly body?: object } | 'no answer';

const ORDER = { id: '1', number: 'EL-1', status: 'PENDING_PAYMENT', total: { amount: 100, currency: 'INR' } };
const PLACED: Answer = {
  body: { data: { placeOrder: { __typename: 'PlaceOrderSuccess', replayed: false, order: ORDER } } },
};
const UNAVAILABLE: Answer = {
  body: { data: { placeOrder: { __typename: 'ServiceUnavailable', message: 'not now', retryAfterSeconds: 0.05 } } },
};
const failing = (code: string, more = {}): Answer => ({
  body: { errors: [{ message: code, extensions: { code, ...more } }] },
});

let server: Server;
let place: Place;
let answers: Answer[];
let asked: Ask[];

beforeAll(async () => {
  await generateOperations();
  const { connectGraph } = await import('../../../examples/node/src/graph-client.js');
  const { placeOrder } = await import('../../../examples/node/src/place-order.js');
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { variables } = JSON.parse(await text(request)) as { variables: { input: { idempotencyKey: string } } };
    asked.push({ key: variables.input.idempotencyKey, at: Date.now() });
    const next = answers.shift() ?? PLACED;
    if (next === 'no answer') return void request.socket.destroy();
    response.writeHead(next.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(next.body));
  };
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  place = (courseIds) => placeOrder(connectGraph({ url, token: async () => 'token' }), courseIds);
}, 60_000);
afterAll(() => void server.close());
beforeEach(() => {
  answers = [];
  asked = [];
});

describe('given a program that places an order', () => {
  it('when what fails will pass, then it asks again with the key of the first try', async () => {
    answers = ['no answer', { status: 502 }, UNAVAILABLE, failing('SERVICE_UNAVAILABLE', { retryAfterSeconds: 0.05 })];
    await expect(place(['a'])).resolves.toMatchObject({ order: { number: 'EL-1' } });
    expect(asked).toHaveLength(5);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  });

  it('when it is told to wait, then it waits as long as it is told', async () => {
    answers = [failing('RATE_LIMITED', { retryAfterSeconds: 1 })];
    await place(['a']);
    const [first, second] = asked as [Ask, Ask];
    expect(second.at - first.at).toBeGreaterThanOrEqual(990);
  });

  it.each(['UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL_SERVER_ERROR'])(
    'when it is refused with %s, then it does not ask again',
    async (code) => {
      answers = [failing(code)];
      await expect(place(['a'])).rejects.toThrow(code);
      expect(asked).toHaveLength(1);
    },
  );

  it('when it buys again, then it takes another key', async () => {
    await place(['a']);
    await place(['a']);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
  });

  it('when the graph stays away, then it gives up after a few tries', async () => {
    answers = Array.from({ length: 20 }, () => failing('SERVICE_UNAVAILABLE', { retryAfterSeconds: 0.01 }));
    await expect(place(['a'])).rejects.toThrow('SERVICE_UNAVAILABLE');
    expect(asked).toHaveLength(6);
  });
});
