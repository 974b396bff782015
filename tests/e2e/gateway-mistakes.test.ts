import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProduct, type Product } from './support/product.js';

const ORDER = 'query ($id: ID!) { order(id: $id) { id } }';
const CANCEL = 'mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }';
const FOLLOW = 'subscription ($id: ID!) { orderStatusChanged(orderId: $id) { version } }';
const TWO = 'query A { __typename } query B { __typename }';

let product: Product;
beforeAll(async () => void (product = await startProduct()), 60_000);
afterAll(() => product.stop(), 30_000);

async function send(init: RequestInit) {
  const answer = await fetch(product.laptop.gatewayUrl, { method: 'POST', ...init });
  const text = await answer.text();
  // Subscriptions over HTTP come as server-sent events.
  const json = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}');
  const { errors } = JSON.parse(json) as { errors?: { extensions: { code?: string } }[] };
  return {
    status: answer.status,
    allow: answer.headers.get('allow'),
    codes: errors?.map(({ extensions }) => extensions.code),
  };
}

const sendJson = (body: object) =>
  send({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('given a request that is not right, the gateway answers with an error that has a code', () => {
  it.each<[name: string, body: object, status: number, code: string]>([
    ['a variable that is missing', { query: ORDER }, 400, 'BAD_USER_INPUT'],
    ['a variable of another type', { query: ORDER, variables: { id: {} } }, 400, 'BAD_USER_INPUT'],
    ['a field of a variable that is missing', { query: CANCEL, variables: { input: {} } }, 400, 'BAD_USER_INPUT'],
    ['several operations without a name', { query: TWO }, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['a wrong name', { query: TWO, operationName: 'C' }, 400, 'OPERATION_RESOLUTION_FAILURE'],
  ])('%s', async (_name, body, status, code) => {
    expect(await sendJson(body)).toEqual({ status, allow: null, codes: [code] });
  });

  it('a variable of a subscription that is missing', async () => {
    const { codes } = await sendJson({ query: FOLLOW });
    expect(codes).toEqual(['BAD_USER_INPUT']);
    const stream = product.anonymous().follow(FOLLOW, {});
    await stream.ended;
    expect(stream.answers[0]?.errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it.each(['text/plain', 'text/xml', 'garbage'])('a body of type %s', async (type) => {
    const answer = await send({ headers: { 'content-type': type }, body: '{"query":"{ __typename }"}' });
    expect(answer).toEqual({ status: 415, allow: null, codes: ['BAD_REQUEST'] });
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('the method %s', async (method) => {
    expect(await send({ method })).toEqual({ status: 405, allow: 'GET, POST', codes: ['BAD_REQUEST'] });
  });
});
