import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { eventually } from '../support/eventually.js';
import { Buyer } from './support/buyer.js';
import { COURSES } from './support/buyers.js';
import { askReplica, type Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const CALLS = 200;
const key = { idempotencyKey: 'one-key' };

const ERROR = `... on UserError { code message }`;
const PLACE = `mutation ($input: PlaceOrderInput!) { call: placeOrder(input: $input) {
  ... on PlaceOrderSuccess { replayed order { id number total { amount currency } } } ${ERROR} } }`;
const START = `mutation ($input: StartPaymentInput!) { call: startPayment(input: $input) {
  ... on StartPaymentSuccess { replayed order { id } payment { id amount { amount } } session { ... on PayPalSession { orderId approvalLink } } } ${ERROR} } }`;
const CONFIRM = `mutation ($input: ConfirmPaymentInput!) { call: confirmPayment(input: $input) {
  ... on ConfirmPaymentSuccess { replayed order { id } payment { id } } ${ERROR} } }`;
const REFUND = `mutation ($input: RequestRefundInput!) { call: requestRefund(input: $input) {
  ... on RequestRefundSuccess { replayed order { id } refund { id amount { amount } } } ${ERROR} } }`;

interface Answer {
  readonly replayed: boolean;
  readonly order: { readonly id: string };
  readonly payment: { readonly id: string };
  readonly session: { readonly orderId: string };
}

(canStartSite() ? describe : describe.skip)('given 200 calls at once under one key, over HTTP and two replicas', () => {
  let site: Site;
  let replicas: readonly Replica[];
  let token: string;
  let [order, payment] = [{ id: '' }, { id: '' }];
  let session = '';

  beforeAll(async () => {
    site = await startSite({ students: 1 });
    replicas = [await site.startReplica(), await site.startReplica()];
    const [userId, courseId] = [generatedStudentIds(1)[0] as string, COURSES[0] as string];
    token = await new Buyer(site, replicas, { userId, courseId, first: 0 }).token();
  }, 120_000);
  afterAll(() => site.stop(), 60_000);

  /** @returns the first answer; all of them are equal, and all but one say that they are repeats */
  async function sameAnswers(query: string, input: object): Promise<Answer> {
    const calls = Array.from({ length: CALLS }, (_, n) =>
      askReplica(replicas[n % 2] as Replica, token, query, { input: { ...input, ...key } }),
    );
    const answers = (await Promise.all(calls)).map(({ data }) => (data as { call: Answer }).call);
    const different = new Set(answers.map(({ replayed: _, ...rest }) => JSON.stringify(rest)));
    expect(answers.filter((answer) => !('replayed' in answer))).toEqual([]);
    expect([...different]).toHaveLength(1);
    expect(answers.filter(({ replayed }) => replayed === false)).toHaveLength(1);
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(CALLS - 1);
    return answers[0] as Answer;
  }
  const counted = async (sql: Site['sql'], text: string) => (await sql<{ n: number }>(text, [order.id]))[0]?.n;

  it('placeOrder: one order', async () => {
    ({ order } = await sameAnswers(PLACE, { courseIds: [COURSES[0]] }));
    expect(await site.sql('select id from orders')).toEqual([{ id: order.id }]);
    expect(await site.sql(`select type from order_events`)).toEqual([{ type: 'PLACED' }]);
  });

  it('startPayment: one payment', async () => {
    const started = await sameAnswers(START, { orderId: order.id, provider: 'PAYPAL' });
    payment = started.payment;
    session = started.session.orderId;
    expect(
      await counted(site.standInSql, 'select count(*)::int as n from neighbours.payments where order_id = $1'),
    ).toBe(1);
    expect(await counted(site.sql, 'select count(*)::int as n from payment_attempts where order_id = $1')).toBe(1);
  });

  it('confirmPayment: one confirmation', async () => {
    await fetch(`${site.neighbours.pageUrl}/pay/${session}/approve`, { method: 'POST' });
    await sameAnswers(CONFIRM, { orderId: order.id, paymentId: payment.id });
    const confirmations = `select count(*)::int as n from order_events where order_id = $1 and type = 'PAYMENT_CONFIRMED'`;
    expect(await counted(site.sql, confirmations)).toBe(1);
    expect(site.neighbours.payment.calls.get('ResolvePayment')).toBe(1);
  });

  it('requestRefund: one refund', async () => {
    await eventually(
      () => site.sql(`select 1 from orders where fulfilment = 'FULFILLED'`),
      (rows) => rows.length === 1,
    );
    await sameAnswers(REFUND, { orderId: order.id });
    expect(await counted(site.sql, 'select count(*)::int as n from order_refunds where order_id = $1')).toBe(1);
    await eventually(
      () => counted(site.standInSql, 'select count(*)::int as n from neighbours.refunds where order_id = $1'),
      (n) => n === 1,
    );
  });
});
