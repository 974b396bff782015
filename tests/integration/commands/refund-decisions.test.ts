import { describe, expect, test } from '@jest/globals';
import { createApproveRefund, createRejectRefund, createSettleRefund } from '../../../src/commands/decide-refund.js';
import { createRequestRefund } from '../../../src/commands/request-refund.js';
import type { Environment } from '../../../src/commands/environment.js';
import { idOf } from '../../support/ids.js';
import { OPERATOR, refundStand } from './refund-stand.js';

const at = refundStand();
const SECOND = { userId: idOf('second operator'), isOperator: true };
const own = () => ({ userId: at.order.buyerId, isOperator: true });
const withFourEyes = (): Environment => ({
  ...at.stand.env,
  policies: { ...at.stand.env.policies, refundFourEyes: true },
});
const ask = async (by: { userId: string; isOperator: boolean }, env: Environment = at.stand.env) => {
  const outcome = await createRequestRefund(env)(by, {
    orderId: at.order.id,
    itemIds: null,
    note: null,
    idempotencyKey: null,
  });
  if (!('refund' in outcome)) throw new Error(outcome.message);
  return outcome.refund;
};
const statusOf = async (id: string) => (await at.stand.sql('select status from order_refunds where id = $1', [id]))[0];
const DECISIONS = {
  approve: (env: Environment, by: typeof OPERATOR, refundId: string) =>
    createApproveRefund(env)(by, { refundId, note: null }),
  reject: (env: Environment, by: typeof OPERATOR, refundId: string) =>
    createRejectRefund(env)(by, { refundId, note: null }),
  settle: (env: Environment, by: typeof OPERATOR, refundId: string) =>
    createSettleRefund(env)(by, { refundId, succeeded: true, reference: 'by hand' }),
};

describe('given a refund of an order that an operator bought', () => {
  test.each(['approve', 'reject', 'settle'] as const)(
    'when that operator wants to %s it, then it is refused and nothing changes',
    async (decision) => {
      const { id, status } = await ask(own());
      expect(status).toBe('REQUESTED');
      const before = await at.stand.counts();
      expect(await DECISIONS[decision](at.stand.env, own(), id)).toMatchObject({
        code: 'ACTION_NOT_ALLOWED',
        reason: 'OWN_ORDER',
      });
      expect([await statusOf(id), await at.stand.counts()]).toEqual([{ status: 'REQUESTED' }, before]);
    },
  );

  test('when another operator approves it, then it is approved', async () => {
    const { id } = await ask(own());
    expect(await DECISIONS.approve(at.stand.env, OPERATOR, id)).toMatchObject({ refund: { status: 'APPROVED' } });
  });

  test('when the window is over, then the operator may not ask for it, as any buyer', async () => {
    at.stand.clock.advance(15 * 24 * 3_600_000);
    await expect(ask(own())).rejects.toThrow('REFUND_WINDOW_CLOSED');
  });
});

describe('given that every refund needs two people', () => {
  test('when an operator asks for a refund, then another one must approve it', async () => {
    const { id, status } = await ask(OPERATOR, withFourEyes());
    expect(status).toBe('REQUESTED');
    expect(await DECISIONS.approve(withFourEyes(), OPERATOR, id)).toMatchObject({ reason: 'SECOND_PERSON_NEEDED' });
    expect(await statusOf(id)).toEqual({ status: 'REQUESTED' });
    expect(await DECISIONS.approve(withFourEyes(), SECOND, id)).toMatchObject({ refund: { status: 'APPROVED' } });
  });

  test('when a buyer asks and refunds are automatic, then an operator must approve it all the same', async () => {
    const env = withFourEyes();
    const automatic = { ...env, policies: { ...env.policies, refundsApprovedAtOnce: true } };
    const { id, status } = await ask({ userId: at.order.buyerId, isOperator: false }, automatic);
    expect(status).toBe('REQUESTED');
    expect(await DECISIONS.approve(automatic, OPERATOR, id)).toMatchObject({ refund: { status: 'APPROVED' } });
  });
});

test('given that one person is enough, when an operator asks for a refund, then it is approved at once', async () => {
  expect(await ask(OPERATOR)).toMatchObject({ status: 'APPROVED' });
});

test('given a reference of blanks, when a refund is settled, then it is refused and nothing changes', async () => {
  const { id } = await ask(own());
  await DECISIONS.approve(at.stand.env, OPERATOR, id);
  const before = await at.stand.counts();
  const input = { refundId: id, succeeded: true, reference: ' \t ' };
  expect(await createSettleRefund(at.stand.env)(OPERATOR, input)).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ path: 'reference' }],
  });
  expect([await statusOf(id), await at.stand.counts()]).toEqual([{ status: 'APPROVED' }, before]);
});
