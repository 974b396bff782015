import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, subscribe, type ExecutionResult } from 'graphql';
import type { Identity } from '../../../src/auth/viewer.js';
import { createLoaders, type LoaderSources } from '../../../src/resolvers/loaders.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { ordersSubgraph } from '../../../src/resolvers/index.js';
import { Context, type Services } from '../../../src/schema/context.js';
import { cursorOf } from '../../../src/subscriptions/change.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { T0 } from '../../support/test-clock.js';
import { LATER, openStreamStand, type StreamStand } from './stream-stand.js';

const FOLLOW = parse(`subscription ($after: String) { myOrdersChanged(after: $after) {
  type from to fulfilment version snapshot reason cursor ends order { id version items { title } } } }`);

let stand: StreamStand;

beforeAll(async () => {
  stand = await openStreamStand(createMemoryHints());
});
afterAll(() => stand.close());

const viewer = (userId: string): Identity => ({
  is: 'viewer',
  viewer: { userId, roles: [], isOperator: false, expiresAt: LATER },
});

async function follow(identity: Identity, after: string | null) {
  const sources = { reads: createOrderReads(stand.orm, stand.fork) } as LoaderSources;
  const mayFollow = () => Promise.resolve(true);
  const services: Partial<Services> = {
    streams: stand.streams,
    mayFollow,
    newLoaders: (one) => createLoaders(sources, one),
  };
  const contextValue = new Context(services as Services, identity, null, 'correlation');
  const { schema } = ordersSubgraph();
  return subscribe({ schema, document: FOLLOW, variableValues: { after }, contextValue });
}

const codesOf = (answer: AsyncGenerator<ExecutionResult> | ExecutionResult) =>
  'errors' in answer ? answer.errors?.map(({ extensions }) => extensions.code) : 'a stream';

describe('myOrdersChanged', () => {
  test('shows a snapshot, its cursor resumes there, and then shows events', async () => {
    const order = await placeFor(stand, 'asha', 'algebra');
    const answer = await follow(viewer(order.buyerId), cursorOf(T0));
    if ('errors' in answer) throw new Error(JSON.stringify(answer.errors));
    const stream = answer as AsyncGenerator<ExecutionResult>;
    const shown = { fulfilment: 'NOT_STARTED', to: 'PENDING_PAYMENT', reason: null, ends: null, cursor: cursorOf(T0) };
    const items = [{ title: 'algebra' }];
    expect((await stream.next()).value).toEqual({
      data: {
        myOrdersChanged: {
          ...shown,
          ...{ type: null, from: null, version: 1, snapshot: true },
          order: { id: order.id, version: 1, items },
        },
      },
    });
    const next = stream.next();
    await stand.change(order);
    stand.announce();
    expect((await next).value).toEqual({
      data: {
        myOrdersChanged: {
          ...shown,
          ...{ type: 'PAYMENT_REQUESTED', from: 'PENDING_PAYMENT', version: 2, snapshot: false },
          order: { id: order.id, version: 2, items },
        },
      },
    });
    await stream.return(undefined);
    expect(stand.streams.size).toBe(0);
  });

  test.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no time', Buffer.from('yesterday').toString('base64url')],
    ['a time of another form', Buffer.from('2026-03-01').toString('base64url')],
    ['a time before all orders', cursorOf(new Date('-000001-01-01T00:00:00.000Z'))],
    ['a time after all orders', cursorOf(new Date('+275000-01-01T00:00:00.000Z'))],
  ])('refuses a cursor that is %s', async (_, after) => {
    expect(codesOf(await follow(viewer(idOf('asha')), after))).toEqual(['BAD_USER_INPUT']);
  });

  test.each<[string, Identity]>([
    ['nobody', { is: 'anonymous' }],
    ['a token that does not count', { is: 'invalid', reason: 'expired' }],
  ])('refuses %s', async (_, identity) => {
    expect(codesOf(await follow(identity, null))).toEqual(['UNAUTHENTICATED']);
  });
});
