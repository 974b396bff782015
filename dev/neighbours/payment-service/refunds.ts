import type { Pool } from 'pg';
import { z } from 'zod';
import type { Bus, Consumption, ReceivedMessage } from '../../../src/messaging/bus/bus.js';
import { TOPIC_PAYMENT_REFUNDED, TOPIC_REFUND_REQUESTED, toMessage } from '../events.js';
import type { Log } from '../log.js';
import { enqueue } from '../store/outbox.js';
import { inTransaction } from '../store/transaction.js';

const GROUP = 'payment-service-refunds';
const MOST_LISTED = 200;

/** A refund that was asked for. Amounts: minor units. */
export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly status: 'requested' | 'refunded' | 'failed';
}

export const REFUND_ACTIONS = ['settle', 'fail'] as const;
export type RefundAction = (typeof REFUND_ACTIONS)[number];

const requested = z.object({
  payload: z.object({
    refundId: z.uuid(),
    paymentId: z.string(),
    orderId: z.uuid(),
    userId: z.string(),
    amount: z.number().int(),
    currency: z.string(),
  }),
});

const COLUMNS = `id, payment_id AS "paymentId", order_id AS "orderId", user_id AS "userId", amount::text AS amount, currency, status`;

/** Takes in what the order service wants given back. The platform's own payment service does not do this yet. */
export function consumeRefundRequests(bus: Bus, pool: Pool, log: Log): Promise<Consumption> {
  return bus.consume({
    group: GROUP,
    topics: [TOPIC_REFUND_REQUESTED],
    handle: async (batch) => {
      for (const message of batch) await takeIn(pool, message, log);
    },
  });
}

async function takeIn(pool: Pool, message: ReceivedMessage, log: Log): Promise<void> {
  const event = requested.safeParse(JSON.parse(message.value));
  if (!event.success) return log({ level: 'warn', message: 'payment service: a refund request makes no sense' });
  const { refundId, paymentId, orderId, userId, amount, currency } = event.data.payload;
  await pool.query(
    `INSERT INTO neighbours.refunds (id, payment_id, order_id, user_id, amount, currency, status)
     VALUES ($1, $2, $3, $4, $5, $6, 'requested') ON CONFLICT DO NOTHING`,
    [refundId, paymentId, orderId, userId, amount, currency],
  );
}

/** The newest refunds that wait. */
export async function openRefunds(pool: Pool): Promise<Refund[]> {
  const { rows } = await pool.query<Refund>(
    `SELECT ${COLUMNS} FROM neighbours.refunds WHERE status = 'requested' ORDER BY requested_at DESC LIMIT $1`,
    [MOST_LISTED],
  );
  return rows;
}

export type RefundResult = { kind: 'done' | 'ended'; refund: Refund } | { kind: 'unknown' };

/** Ends a refund and tells it, in one transaction. */
export async function endRefund(pool: Pool, id: string, action: RefundAction): Promise<RefundResult> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<Refund>(
      `SELECT ${COLUMNS} FROM neighbours.refunds WHERE id::text = $1 FOR UPDATE`,
      [id],
    );
    const [refund] = rows;
    if (!refund) return { kind: 'unknown' };
    if (refund.status !== 'requested') return { kind: 'ended', refund };
    const status = action === 'settle' ? 'refunded' : 'failed';
    await client.query('UPDATE neighbours.refunds SET status = $2 WHERE id = $1', [refund.id, status]);
    await enqueue(client, [refundedMessage({ ...refund, status })]);
    return { kind: 'done', refund: { ...refund, status } };
  });
}

function refundedMessage({ id, paymentId, orderId, userId, amount, status }: Refund) {
  return toMessage({
    topic: TOPIC_PAYMENT_REFUNDED,
    key: userId,
    eventType: 'OrderPaymentRefundedEvent',
    source: 'payment-service',
    payload: { paymentId, orderId, userId, refundId: id, amount: Number(amount), paymentStatus: status },
  });
}
