import { beforeAll, describe, expect, test } from '@jest/globals';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { refusal } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const BUYER = idOf('the buyer');
const STRANGER = idOf('a stranger');

/** Every call with a user id of its message, and what a caller who may not make it is told. */
const calls = (orderId: string): readonly [method: string, request: (user_id: string) => object, denied: string][] => [
  ['PlaceOrder', (user_id) => ({ user_id, course_ids: [idOf('geometry')] }), 'PERMISSION_DENIED'],
  ['GetOrderById', (user_id) => ({ user_id, order_id: orderId }), 'NOT_FOUND'],
  ['GetOrders', (user_id) => ({ user_id }), 'PERMISSION_DENIED'],
  ['RestoreOrder', (user_id) => ({ user_id, order_id: orderId }), 'PERMISSION_DENIED'],
  ['BookSession', (user_id) => ({ user_id, session_id: idOf('webinar') }), 'PERMISSION_DENIED'],
];
const METHODS = ['PlaceOrder', 'GetOrderById', 'GetOrders', 'RestoreOrder', 'BookSession'] as const;

describe.each([
  ['inside a trusted network', true],
  ['in the open', false],
])('%s', (_, trustNetwork) => {
  const at = grpcStand({ trustNetwork });
  let orderId: string;
  const make = async (method: string, user: string, metadata: Record<string, string> = {}) => {
    const [, request = () => ({})] = calls(orderId).find(([name]) => name === method) ?? [];
    return (await at.call(method, request(user), metadata)).status;
  };

  beforeAll(async () => {
    orderId = (await placeFor(at.stand, 'the buyer', 'algebra')).id;
    at.stand.neighbours.addCourse('geometry');
    at.stand.neighbours.addSession('webinar');
  });

  test.each(METHODS)('%s: the token of the user named counts, that of an operator too', async (method) => {
    expect(await make(method, BUYER, await at.bearer(BUYER))).toBe('OK');
    expect(await make(method, BUYER, await at.bearer(STRANGER, ['admin']))).toBe('OK');
  });

  test.each(METHODS)(
    '%s: the token of another user is refused, an expired or false one never counts',
    async (method) => {
      const before = await at.stand.counts();
      const [, , denied] = calls(orderId).find(([name]) => name === method) ?? [];
      expect(await make(method, BUYER, await at.bearer(STRANGER))).toBe(denied);
      expect(await make(method, BUYER, await at.bearer(BUYER, ['student'], -10))).toBe('UNAUTHENTICATED');
      expect(await make(method, BUYER, { authorization: 'Bearer x.y.z' })).toBe('UNAUTHENTICATED');
      expect(await at.stand.counts()).toEqual(before);
    },
  );

  test.each(METHODS)('%s: without a token the user named is believed only inside', async (method) => {
    expect(await make(method, BUYER)).toBe(trustNetwork ? 'OK' : 'UNAUTHENTICATED');
    expect(await make(method, '', { 'x-user-id': BUYER })).toBe(trustNetwork ? 'OK' : 'UNAUTHENTICATED');
    expect(await make(method, '')).toBe(trustNetwork ? 'INVALID_ARGUMENT' : 'UNAUTHENTICATED');
    expect(await make(method, 'me')).toBe(trustNetwork ? 'INVALID_ARGUMENT' : 'UNAUTHENTICATED');
  });

  test("a user who is believed still sees nobody else's order", async () => {
    expect(await make('GetOrderById', STRANGER)).toBe(trustNetwork ? 'NOT_FOUND' : 'UNAUTHENTICATED');
    expect(await make('RestoreOrder', STRANGER)).toBe(trustNetwork ? 'NOT_FOUND' : 'UNAUTHENTICATED');
  });

  test('GetOrderStatus: the owner, operators, and whoever is inside', async () => {
    const status = async (metadata: Record<string, string>) =>
      (await at.call('GetOrderStatus', { order_id: orderId }, metadata)).status;
    expect(await status(await at.bearer(BUYER))).toBe('OK');
    expect(await status(await at.bearer(STRANGER, ['admin']))).toBe('OK');
    expect(await status(await at.bearer(STRANGER))).toBe('NOT_FOUND');
    expect(await status({})).toBe(trustNetwork ? 'OK' : 'UNAUTHENTICATED');
  });

  test('GetRevenueStats: operators, and whoever is inside', async () => {
    const stats = async (metadata: Record<string, string>) =>
      refusal(await at.call('GetRevenueStats', { year: 2026 }, metadata));
    expect(await stats(await at.bearer(STRANGER, ['admin']))).toMatchObject({ status: 'OK' });
    expect(await stats(await at.bearer(BUYER))).toMatchObject({
      status: 'PERMISSION_DENIED',
      reason: 'NOT_AN_OPERATOR',
    });
    expect(await stats({})).toMatchObject({ status: trustNetwork ? 'OK' : 'UNAUTHENTICATED' });
  });
});
