import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { placeFor } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';
import { openGraphStand, type GraphStand } from './graph-stand.js';

const ORDER =
  'order { id version status items { title } payments { id } refunds { id status } timeline { version type } }';
const BUYERS = ['asha', 'ben', 'chen'];
let stand: GraphStand;

/** Orders that were paid twice, so that each has a refund and a saga that is stuck, and a capture that names another buyer. */
beforeAll(async () => {
  stand = await openGraphStand();
  for (const name of BUYERS) {
    const { id: orderId } = await placeFor(stand, name, 'algebra', 'geometry');
    const capture = (payment: string, claims?: { buyerId: string }) => ({
      orderId,
      fact: { ...paymentFact('succeeded', `${payment} of ${orderId}`, minutes(1)), claims },
      inbox: { topic: 'payment.order.succeeded.v1', eventKey: `${payment} of ${orderId}` },
    });
    const outcomes = await recordPayments(stand.env, [
      capture('first'),
      capture('second'),
      capture('strange', { buyerId: 'somebody else' }),
    ]);
    expect(outcomes).toEqual(['applied', 'applied', 'suspicious']);
  }
  await stand.sql(`update sagas set stuck_since = $1, last_error = 'no way' where kind = 'REFUND'`, [
    stand.clock.now(),
  ]);
}, 60_000);
afterAll(() => stand.close());

describe('given a list of what operators look at, each with its order', () => {
  test.each([
    ['refunds', '{ refunds { nodes { id status', ({ status }: { status: string }) => status === 'APPROVED'],
    ['stuckSagas', '{ stuckSagas { nodes { id kind', ({ kind }: { kind: string }) => kind === 'REFUND'],
    [
      'suspiciousPayments',
      '{ suspiciousPayments { nodes { id status',
      ({ status }: { status: string }) => status === 'OPEN',
    ],
  ])(
    'when an operator asks for %s, then one statement reads them with their orders',
    async (list, beginning, isMeant) => {
      const { data, errors, statements } = await stand.ask('operator', `${beginning} ${ORDER} } } }`);
      expect([errors, statements]).toEqual([[], 1]);
      const { nodes } = data[list];
      expect(nodes).toHaveLength(BUYERS.length);
      expect(nodes.every(isMeant)).toBe(true);
      for (const { order } of nodes) {
        expect(order).toMatchObject({ status: 'SUCCEEDED', items: [{ title: 'algebra' }, { title: 'geometry' }] });
        expect(order.timeline.at(-1).version).toBe(order.version);
        expect(order.refunds).toHaveLength(1);
      }
    },
  );

  test.each(['refunds', 'stuckSagas', 'suspiciousPayments'])(
    'when an operator asks for %s without orders, then none is read',
    async (list) => {
      const { data, statements } = await stand.ask('operator', `{ ${list} { nodes { id } } }`);
      expect([data[list].nodes.length, statements]).toEqual([BUYERS.length, 1]);
      expect(await stand.ask('asha', `{ ${list} { nodes { id } } }`)).toMatchObject({
        errors: [{ extensions: { code: 'FORBIDDEN' } }],
        statements: 0,
      });
    },
  );
});
