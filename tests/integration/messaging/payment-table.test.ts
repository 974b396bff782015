import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { isPayable, OrderStatus } from '../../../src/entities/order-status.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import type { Bus, BusMessage } from '../../../src/messaging/bus/bus.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';
import { Consumer } from '../../../src/messaging/consumer.js';
import { consumedTopics } from '../../../src/messaging/topics.js';
import { createMetrics, type Metrics } from '../../../src/observability/metrics.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { paymentNews } from '../../support/payment-news.js';
import { MINUTE } from '../../support/test-clock.js';
import { effectsIn, imbalances } from './payment-effects.js';
import {
  isPaid,
  NEW_PRICE,
  OLD_PRICE,
  orderIdOf,
  orderIn,
  PAYMENT_CASES,
  paymentOf,
  type PaymentCase,
} from './payment-cases.js';

/*
 * What each event does, without and with another live attempt: the status after and what else begins.
 *   cancel subject, cancel alive   the payment service is asked to cancel the event's attempt, or the other live one
 *   deliver      the order is paid at the price of the attempt, delivery begins
 *   decide       late money: a saga decides
 *   give back    one refund of exactly this capture
 */
type Cells = Readonly<Record<PaymentCase['event'], readonly [none: string, left: string]>>;
const PAYABLE: Cells = {
  initiated: ['PROCESSING', 'PROCESSING, cancel alive'],
  succeeded: ['SUCCEEDED, deliver', 'SUCCEEDED, cancel alive, deliver'],
  'succeeded beside a capture': ['same, give back', 'same, give back'],
  failed: ['FAILED', 'same'],
  cancelled: ['FAILED', 'same'],
  expired: ['PENDING_PAYMENT', 'same'],
  'expired at the end': ['EXPIRED', 'same'],
};
const CLOSED: Cells = {
  initiated: ['same, cancel subject', 'same, cancel subject'],
  succeeded: ['same, decide', 'same, decide'],
  'succeeded beside a capture': ['same, give back', 'same, give back'],
  failed: ['same', 'same'],
  cancelled: ['same', 'same'],
  expired: ['same', 'same'],
  'expired at the end': ['same', 'same'],
};
const PAID: Cells = { ...CLOSED, succeeded: ['same, give back', 'same, give back'] };
const TABLE: Readonly<Partial<Record<OrderStatus, Cells>>> = {
  PENDING_PAYMENT: PAYABLE,
  PROCESSING: PAYABLE,
  SUCCEEDED: PAID,
  FAILED: CLOSED,
  CANCELLED: CLOSED,
  EXPIRED: CLOSED,
  REFUNDED: PAID,
};

const isRestored = ({ attempt }: PaymentCase): boolean => attempt === 'old' || attempt === 'other, restored';
/** A decline or an abandonment of an attempt that may be of an earlier pricing. */
const isOldFailure = (one: PaymentCase): boolean =>
  isRestored(one) && isPayable(one.status) && (one.event === 'failed' || one.event === 'cancelled');

/** What a case leads to; `nothing` where the event says nothing new of its attempt. */
function expected(one: PaymentCase): string {
  const isKnownAttempt = one.attempt !== 'other' && one.attempt !== 'other, restored';
  if (one.event === 'initiated' && isKnownAttempt) return 'nothing';
  if (one.attempt === 'first' && isPaid(one.status)) return 'nothing';
  if (isOldFailure(one)) return one.live === 'left' ? one.status : OrderStatus.PENDING_PAYMENT;
  const cell = TABLE[one.status]?.[one.event][one.live === 'none' ? 0 : 1] ?? 'missing';
  const price = one.attempt === 'other, restored' ? NEW_PRICE : OLD_PRICE;
  return cell
    .replace('same', one.status)
    .replace('deliver', `deliver at ${price}`)
    .replace('give back', `give back ${price}`);
}

const kindOf = ({ event }: PaymentCase): PaymentFactKind => event.split(' ')[0] as PaymentFactKind;

function fullNews(one: PaymentCase, delivery: string): BusMessage {
  const eventId = `${delivery} ${one.name}`;
  return paymentNews(kindOf(one), { orderId: orderIdOf(one), paymentId: paymentOf(one, 'subject'), eventId });
}

/** Only what an effect needs: no eventId, no time, no provider. */
function bareNews(one: PaymentCase): BusMessage {
  const { topic, key } = fullNews(one, '');
  const cancelled = one.event === 'cancelled' ? { paymentStatus: 'cancelled' } : {};
  const payload = { orderId: orderIdOf(one), paymentId: paymentOf(one, 'subject'), ...cancelled };
  return { topic, key, value: JSON.stringify({ payload }) };
}

const outcomesIn = async (metrics: Metrics): Promise<Record<string, number>> => {
  const outcomes: Record<string, number> = {};
  for (const { labels, value } of (await metrics.consumed.get()).values) {
    outcomes[String(labels['outcome'])] = (outcomes[String(labels['outcome'])] ?? 0) + value;
  }
  return outcomes;
};
const total = (outcomes: Record<string, number>) => Object.values(outcomes).reduce((a, b) => a + b, 0);

const nothing = PAYMENT_CASES.filter((one) => expected(one) === 'nothing').length;
/** A payment that had succeeded is said to have ended otherwise. */
const contradictions = PAYMENT_CASES.filter(
  (one) => one.attempt === 'first' && isPaid(one.status) && !['initiated', 'succeeded'].includes(one.event),
).length;

test('the table has every combination of status, event, attempt and others', () => {
  expect(PAYMENT_CASES).toHaveLength(5 * 7 * 5 * 2 + 2 * 6 * 5 * 2);
  expect(new Set(PAYMENT_CASES.map(orderIdOf)).size).toBe(470);
  expect([nothing, contradictions]).toEqual([62, 16]);
});

describe.each([
  ['complete messages', fullNews, { repeated: 470 }],
  ['messages without anything optional', bareNews, { known: 470 - contradictions, anomaly: contradictions }],
] as const)('every combination of the decision table, by %s', (_, news, again) => {
  let stand: OrderStand;
  let pool: pg.Pool;
  let bus: Bus;
  let consumer: Consumer;
  let metrics: Metrics;

  beforeAll(async () => {
    stand = await openOrderStand();
    pool = new pg.Pool({ connectionString: stand.databaseUrl, max: 4 });
    bus = createPostgresBus({ pool, partitions: 3, log: testLog(), pollMs: 20 });
    await bus.ensureTopics(consumedTopics);
    metrics = createMetrics();
    consumer = new Consumer(stand.env, bus, metrics);
    await stand.fork().persist(PAYMENT_CASES.map(orderIn)).flush();
    await stand.sql('truncate sagas, outbox, order_refunds, revenue_entries');
    stand.clock.advance(MINUTE);
    await consumer.start(randomUUID());
  }, 60_000);
  afterAll(async () => {
    await consumer.stop();
    await bus.close();
    await pool.end();
    await stand.close();
  }, 60_000);

  /** Sends one message for each case and waits until all have been taken in. @returns what became of them */
  const sendAll = async (make: (one: PaymentCase) => BusMessage) => {
    const before = await outcomesIn(metrics);
    await bus.publisher().send(PAYMENT_CASES.map(make), 30_000);
    const after = await eventually(
      () => outcomesIn(metrics),
      (outcomes) => total(outcomes) >= total(before) + PAYMENT_CASES.length,
      { limitMs: 30_000 },
    );
    return Object.fromEntries(
      Object.entries(after)
        .map(([outcome, count]) => [outcome, count - (before[outcome] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
  };
  const state = async () => ({ ...(await stand.counts()), inbox: 0, effects: await effectsIn(stand, PAYMENT_CASES) });

  test('each has the effect that the table states; none is dropped, nothing becomes a dead letter', async () => {
    const outcomes = await sendAll((one) => news(one, 'once'));
    expect(await effectsIn(stand, PAYMENT_CASES)).toEqual(
      Object.fromEntries(PAYMENT_CASES.map((one) => [one.name, expected(one)])),
    );
    const known = nothing - contradictions;
    expect(outcomes).toEqual({ applied: 470 - nothing, known, anomaly: contradictions });
    expect(await stand.sql(`select 1 from outbox where topic like '%dead-letter%'`)).toEqual([]);
  }, 60_000);

  test('money, claims and deadlines agree with what the attempts say', async () => {
    expect(await imbalances(stand)).toEqual([]);
  });

  test('the same messages once more change nothing', async () => {
    const before = await state();
    expect(await sendAll((one) => news(one, 'once'))).toEqual(again);
    expect(await state()).toEqual(before);
  }, 60_000);

  test('the same news under new event ids change nothing', async () => {
    const before = await state();
    expect(await sendAll((one) => news(one, 'anew'))).toEqual({
      known: 470 - contradictions,
      anomaly: contradictions,
    });
    expect(await state()).toEqual(before);
  }, 60_000);
});
