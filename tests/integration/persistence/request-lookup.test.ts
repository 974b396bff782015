import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { claimRequest, rememberWith, type RequestKey } from '../../../src/persistence/idempotency.js';
import { createRequestLookup, type RequestLookup } from '../../../src/persistence/request-lookup.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { minutes, T0 } from '../../support/test-clock.js';

let stand: OrderStand;
let lookUp: RequestLookup;
beforeAll(async () => {
  stand = await openOrderStand();
  lookUp = createRequestLookup(stand.fork);
});
afterAll(() => stand.close());

const request = (key: string, changes: Partial<RequestKey> = {}): RequestKey => ({
  viewerId: idOf('asha'),
  operation: 'placeOrder',
  key,
  requestHash: 'h',
  ...changes,
});
const remember = (one: RequestKey, result: string) =>
  stand.fork().transactional(async (em) => rememberWith(em, one, result, T0));

test('requests asked for in one turn share a statement, and each gets its own answer', async () => {
  await remember(request('done'), 'order-1');
  await remember(request(`quote's \\ slash`), 'order-2');
  await stand.fork().transactional((em) => claimRequest(em, request('running'), T0));
  stand.proxy.takeStatements();

  const answers = await Promise.all([
    lookUp(request('done'), T0),
    lookUp(request('done', { requestHash: 'another' }), T0),
    lookUp(request('done', { viewerId: idOf('ravi') }), T0),
    lookUp(request('done', { operation: 'startPayment' }), T0),
    lookUp(request('done', { viewerId: idOf('asha').toUpperCase() }), T0),
    lookUp(request(`quote's \\ slash`), T0),
    lookUp(request('running'), T0),
    lookUp(request('running'), minutes(5)),
    lookUp(request('never seen'), T0),
  ]);

  expect(answers).toEqual([
    { is: 'done', result: 'order-1' },
    { is: 'other' },
    { is: 'unknown' },
    { is: 'unknown' },
    { is: 'done', result: 'order-1' },
    { is: 'done', result: 'order-2' },
    { is: 'running' },
    { is: 'unknown' },
    { is: 'unknown' },
  ]);
  expect(stand.proxy.takeStatements()).toHaveLength(1);
});

test('nothing is kept: what was unknown is known when it is asked for again', async () => {
  expect(await lookUp(request('soon'), T0)).toEqual({ is: 'unknown' });
  await remember(request('soon'), 'order-3');
  expect(await lookUp(request('soon'), T0)).toEqual({ is: 'done', result: 'order-3' });
});

test('100 requests at once take two statements, of 64 and of 36', async () => {
  const requests = Array.from({ length: 100 }, (_, n) => request(`many ${n}`));
  await remember(request('many 70'), 'order-70');
  stand.proxy.takeStatements();
  const answers = await Promise.all(requests.map((one) => lookUp(one, T0)));
  expect(answers.flatMap((answer, n) => (answer.is === 'done' ? [[n, answer.result]] : []))).toEqual([
    [70, 'order-70'],
  ]);
  expect(stand.proxy.takeStatements()).toHaveLength(2);
});
