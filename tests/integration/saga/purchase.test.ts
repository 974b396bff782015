import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createSettleRefund } from '../../../src/commands/decide-refund.js';
import { recordEnrolments } from '../../../src/commands/record-enrolments.js';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { createRequestRefund } from '../../../src/commands/request-refund.js';
import type { Order } from '../../../src/entities/order.js';
import { SagaKind } from '../../../src/entities/saga.js';
import { announceAgain } from '../../../src/messaging/order-messages.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { createPurchaseSaga } from '../../../src/saga/purchase.js';
import { SagaRunner } from '../../../src/saga/runner.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { MINUTE } from '../../support/test-clock.js';

interface Announcement {
  readonly id: string;
  readonly payload: {
    readonly items: readonly { readonly courseId: string }[];
    readonly amount: number;
    readonly instructorId: string;
  };
}

let stand: OrderStand;
let runner: SagaRunner;
let order: Order;
const nextBuyer = idSequence('purchase');

beforeAll(async () => {
  // An enrolment is awaited for 1, then 5, then 15 minutes.
  stand = await openOrderStand();
  const handlers = { [SagaKind.PURCHASE]: createPurchaseSaga(stand.env, announceAgain) };
  runner = new SagaRunner(stand.fork, handlers, stand.clock, createMetrics(), testLog());
  stand.neighbours.addCourse('algebra', { instructorId: idOf('Anna') });
  stand.neighbours.addCourse('geometry', { instructorId: idOf('Anna') });
});
afterAll(() => stand.close());

beforeEach(async () => {
  await stand.sql('delete from sagas');
  order = await placeFor(stand, nextBuyer(), 'algebra', 'geometry', 'history');
  const fact = paymentFact('succeeded', `payment of ${order.id}`, stand.clock.now());
  await recordPayments(stand.env, [{ orderId: order.id, fact, inbox: { topic: 't', eventKey: order.id } }]);
});

/** Lets the saga look so many minutes later. */
async function lookAfter(minutes: number): Promise<void> {
  stand.clock.advance(minutes * MINUTE);
  await runner.runDue();
}

const enrol = (...courses: readonly string[]) =>
  courses.forEach((name) => stand.neighbours.enrol(idOf(name), order.buyerId));

const announcements = async (): Promise<Announcement[]> => {
  const found = await stand.sql<{ id: string; payload: string }>(
    `select id, payload from outbox where aggregate_id = $1 and topic = 'order.course.succeeded.v1'`,
    [order.id],
  );
  const all = found.map(({ id, payload }) => ({ id, payload: (JSON.parse(payload) as Announcement).payload }));
  return all.sort((a, b) => b.payload.amount - a.payload.amount);
};
/** What was announced since, by instructor. */
const since = async (before: readonly Announcement[]) => {
  const known = new Set(before.map(({ id }) => id));
  return (await announcements()).filter(({ id }) => !known.has(id)).map(({ payload }) => payload);
};
const sagas = () => stand.sql('select step, attempts, failures, last_error, stuck_since, due_at from sagas');
const inMinutes = (count: number) => new Date(stand.clock.now().getTime() + count * MINUTE);

describe('an enrolment that does not come', () => {
  test('is announced again after 1, 6 and 21 minutes under fresh ids, then it is stuck', async () => {
    await lookAfter(0);
    const first = await announcements();
    expect([first.length, await sagas()]).toMatchObject([2, [{ attempts: 1, due_at: inMinutes(1) }]]);
    for (const [waited, next] of [
      [1, 5],
      [5, 15],
      [15, 15],
    ] as const) {
      const before = await announcements();
      await lookAfter(waited);
      expect(await since(before)).toEqual(first.map(({ payload }) => payload));
      expect(await sagas()).toMatchObject([{ due_at: inMinutes(next) }]);
    }

    await lookAfter(15);
    expect(await announcements()).toHaveLength(8);
    const stuck = await stand.load(order.id);
    expect([stuck.status, stuck.fulfilment, stuck.version]).toEqual(['SUCCEEDED', 'STUCK', 4]);
    expect(stuck.currentItems.map(({ fulfilment }) => fulfilment)).toEqual(['STUCK', 'STUCK', 'STUCK']);
    expect(await sagas()).toMatchObject([
      {
        stuck_since: stand.clock.now(),
        last_error: `not enrolled: ${['algebra', 'geometry', 'history'].map(idOf).join(', ')}`,
      },
    ]);
    const [event] = await stand.sql('select type, actor from order_events where order_id = $1 and version = 4', [
      order.id,
    ]);
    expect(event).toEqual({ type: 'FULFILMENT_STUCK', actor: 'SYSTEM' });
  });

  test('of one course: only that one is announced, with the whole subtotal of its instructor', async () => {
    await lookAfter(0);
    const before = await announcements();
    enrol('algebra', 'history');
    await lookAfter(1);
    expect(await since(before)).toMatchObject([
      { items: [{ courseId: idOf('geometry') }], amount: 99_800, instructorId: idOf('Anna') },
    ]);
    const items = (await stand.load(order.id)).currentItems.map(({ fulfilment }) => fulfilment);
    expect(items).toEqual(['FULFILLED', 'IN_PROGRESS', 'FULFILLED']);
  });
});

describe('a confirmation that was lost', () => {
  test('is asked for before anything is announced again', async () => {
    await lookAfter(0);
    enrol('algebra', 'geometry', 'history');
    await lookAfter(1);
    expect([(await stand.load(order.id)).fulfilment, (await announcements()).length, await sagas()]).toEqual([
      'FULFILLED',
      2,
      [],
    ]);
  });

  test('is asked for a last time before it is stuck', async () => {
    for (const waited of [0, 1, 5, 15]) await lookAfter(waited);
    enrol('algebra', 'geometry', 'history');
    await lookAfter(15);
    expect([(await stand.load(order.id)).fulfilment, await sagas()]).toEqual(['FULFILLED', []]);
  });
});

test('what was delivered meanwhile ends the saga at its next look', async () => {
  await lookAfter(0);
  const enrolled = (await stand.load(order.id)).currentItems.map(({ productId }) => ({
    orderId: order.id,
    courseId: productId,
    enrolledAt: stand.clock.now(),
    inbox: { topic: 'enrolled', eventKey: `${order.id} ${productId}` },
  }));
  await recordEnrolments(stand.env, enrolled);
  await lookAfter(1);
  expect([(await announcements()).length, await sagas()]).toEqual([2, []]);
});

test('a course service that does not answer: nothing is announced, asked again with back-off', async () => {
  await lookAfter(0);
  stand.neighbours.down.add('course');
  await lookAfter(1);
  expect([(await announcements()).length, await sagas()]).toMatchObject([
    2,
    [{ attempts: 1, failures: 1, last_error: 'the course service does not answer' }],
  ]);
  stand.neighbours.down.delete('course');
  await lookAfter(1);
  expect([(await announcements()).length, await sagas()]).toMatchObject([
    4,
    [{ attempts: 2, failures: 0, last_error: null }],
  ]);
});

describe('an enrolment of what is not paid for any more', () => {
  const confirm = async (course: string, eventKey: string) => {
    const message = { orderId: order.id, courseId: idOf(course), enrolledAt: stand.clock.now() };
    const inbox = { topic: 'enrolled', eventKey: `${eventKey} ${order.id}` };
    return (await recordEnrolments(stand.env, [{ ...message, inbox }]))[0];
  };
  const operator = { userId: idOf('operator'), isOperator: true };
  const giveBack = async (course: string) => {
    const item = (await stand.load(order.id)).currentItems.find(({ title }) => title === course);
    const input = { orderId: order.id, itemIds: [item?.id ?? ''], note: null, idempotencyKey: null };
    const outcome = await createRequestRefund(stand.env)(operator, input);
    if (!('refund' in outcome)) throw new Error(outcome.message);
    return outcome.refund.id;
  };

  test('is told apart while its money is on its way back, and when it has gone back', async () => {
    const refundId = await giveBack('algebra');
    expect(await confirm('algebra', 'first')).toBe('refunding');
    await createSettleRefund(stand.env)(operator, { refundId, succeeded: true, reference: 'bank' });
    const before = await stand.counts();
    expect(await confirm('algebra', 'second')).toBe('revoked');
    expect(await stand.counts()).toEqual({ ...before, inbox: before.inbox + 1 });
    expect(await confirm('geometry', 'third')).toBe('fulfilled');
  });
});
