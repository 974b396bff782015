import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cancelOrdersOfBlocked } from '../../../../src/commands/cancel-blocked.js';
import { createCancelOrder } from '../../../../src/commands/cancel-order.js';
import { AccountGate } from '../../../../src/commands/user/account-gate.js';
import { unlessBlocked } from '../../../../src/commands/user/unless-blocked.js';
import { idOf, idSequence } from '../../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../../support/order-stand.js';

let stand: OrderStand;
let other: TestProcess;
let user: string;
let told: string[];
let gate: AccountGate;
const nextUser = idSequence('blocked');
const nextEvent = idSequence('blocking event');

beforeAll(async () => {
  stand = await openOrderStand();
  other = await stand.newProcess();
});
afterAll(() => stand.close());
beforeEach(() => {
  user = nextUser();
  told = [];
  gate = new AccountGate(stand.env, (userId) => told.push(userId));
  stand.neighbours.blocked.clear();
  stand.neighbours.down.clear();
});

/** Processes the event that blocks the user, in another process than that of the gate. */
const block = () =>
  cancelOrdersOfBlocked(other.env, [
    { userId: user, inbox: { topic: 'user.account.blocked.v1', eventKey: nextEvent() } },
  ]);

describe('given a user whose account was blocked', () => {
  beforeEach(async () => {
    await block();
    await gate.read();
  });

  test('then every process knows it, and is told once', async () => {
    await gate.read();
    expect([gate.isBlocked(user), await gate.mayAct(user), told.filter((id) => id === user)]).toEqual([
      true,
      false,
      [user],
    ]);
    const restarted = new AccountGate(other.env, () => undefined);
    await restarted.read();
    expect(restarted.isBlocked(user)).toBe(true);
  });

  test('then others may act, and the user service is not asked about them', async () => {
    stand.neighbours.down.add('user');
    expect(await gate.mayAct(idOf('somebody else'))).toBe(true);
  });

  test('when the user service shows them as not blocked at once, then it is not believed yet', async () => {
    stand.clock.advance(59_000);
    expect(await gate.mayAct(user)).toBe(false);
  });

  test('when the user service still shows them as blocked, then they stay so', async () => {
    stand.neighbours.blocked.add(user);
    stand.clock.advance(3_600_000);
    expect(await gate.mayAct(user)).toBe(false);
  });

  test('when the user service does not answer, then they stay so', async () => {
    stand.neighbours.down.add('user');
    stand.clock.advance(3_600_000);
    expect(await gate.mayAct(user)).toBe(false);
  });

  test('when the user service shows them as not blocked later, then they may act again, in every process', async () => {
    stand.clock.advance(60_000);
    expect(await gate.mayAct(user)).toBe(true);
    const second = new AccountGate(other.env, () => undefined);
    await second.read();
    expect([gate.isBlocked(user), second.isBlocked(user)]).toEqual([false, false]);
  });

  test('when they are blocked again while the user service is asked, then they stay blocked', async () => {
    stand.clock.advance(60_000);
    const findUser = stand.neighbours.users.findUser;
    stand.neighbours.users.findUser = async (id) => {
      await block();
      return findUser(id);
    };
    await gate.mayAct(user);
    stand.neighbours.users.findUser = findUser;
    await gate.read();
    expect(gate.isBlocked(user)).toBe(true);
  });
});

test('given a blocked buyer, when they cancel their order, then it is refused and nothing changes', async () => {
  const order = await placeFor(stand, user, 'algebra');
  const cancel = unlessBlocked(gate, createCancelOrder(stand.env));
  const input = { orderId: order.id, note: null, expectedVersion: null };
  gate.noteBlocked(order.buyerId);
  const before = await stand.counts();
  expect(await cancel({ userId: order.buyerId, isOperator: false }, input)).toMatchObject({ code: 'ACCOUNT_BLOCKED' });
  expect(await stand.counts()).toEqual(before);
  expect(await cancel({ userId: idOf('an operator'), isOperator: true }, input)).toMatchObject({
    order: { status: 'CANCELLED' },
  });
});
