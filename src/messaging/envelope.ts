import type { CheckoutProvider } from '../entities/enums.js';
import type { PaymentFact } from '../entities/order-payments.js';
import type { PaymentFactKind } from '../entities/payment-decision.js';
import { v5 as uuidv5, validate as isUuid } from 'uuid';
import { z } from 'zod';
import type { ReceivedMessage } from './bus/bus.js';
import { Topic } from './topics.js';

/** The message can never be understood; it belongs with the dead letters. */
export class BadMessage extends Error {
  override name = 'BadMessage';
}

/** The platform's envelope around every payload. Numbers are integers, the time is epoch ms. */
export function envelope(
  eventId: string,
  eventType: string,
  at: Date,
  correlationId: string | null,
  payload: object,
): string {
  return JSON.stringify({
    eventId,
    eventType,
    timestamp: at.getTime(),
    eventVersion: '0.0.1',
    source: 'order-service',
    ...(correlationId ? { correlationId } : {}),
    payload,
  });
}

/** Text that PostgreSQL can hold: with a NUL in it, it would take the whole batch for a broken connection. */
const text = z
  .string()
  .min(1)
  .max(500)
  .refine((value) => !value.includes('\0'), 'holds a NUL');
const uuid = z.string().refine((value) => isUuid(value), 'is not a UUID');
/** Everything may be missing but what an effect needs: producers leave fields out. */
const incoming = z.object({
  eventId: text.optional().catch(undefined),
  timestamp: z.number().int().nonnegative().max(8.64e15).optional().catch(undefined),
  payload: z.record(z.string(), z.unknown()),
});
const paymentPayload = z.object({
  orderId: uuid,
  paymentId: text,
  provider: z
    .string()
    .transform((value) => value.toUpperCase())
    .pipe(z.enum(['STRIPE', 'RAZORPAY', 'PAYPAL']))
    .optional()
    .catch(undefined),
  providerOrderId: text.optional().catch(undefined),
  paymentStatus: z.string().optional().catch(undefined),
});
const enrolmentPayload = z.object({
  orderId: uuid,
  courseId: uuid,
  enrolledAt: z.string().optional().catch(undefined),
});

/** A message with its envelope read. */
export interface Incoming {
  readonly eventKey: string;
  readonly occurredAt: Date | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** @throws BadMessage saying why it cannot be understood */
export function readEnvelope(message: ReceivedMessage): Incoming {
  const { eventId, timestamp, payload } = parse(incoming, json(message.value));
  const eventKey = eventId ?? `${message.partition}:${message.offset}`;
  return { eventKey, occurredAt: timestamp === undefined ? null : new Date(timestamp), payload };
}

const KINDS: Readonly<Record<string, PaymentFactKind>> = {
  [Topic.PAYMENT_INITIATED]: 'initiated',
  [Topic.PAYMENT_SUCCEEDED]: 'succeeded',
  [Topic.PAYMENT_FAILED]: 'failed',
  [Topic.PAYMENT_TIMEOUT]: 'expired',
};

/**
 * News of a payment. An abandoned payment comes on the failed topic with the status `cancelled`.
 * @throws BadMessage when order or payment cannot be told
 */
export function readPayment(
  topic: string,
  { payload, occurredAt }: Incoming,
  now: Date,
): { orderId: string; fact: PaymentFact } {
  const { orderId, paymentId, provider, providerOrderId, paymentStatus } = parse(paymentPayload, payload);
  const kind = topic === Topic.PAYMENT_FAILED && paymentStatus === 'cancelled' ? 'cancelled' : KINDS[topic];
  if (!kind) throw new BadMessage(`no payment topic: ${topic}`);
  const fact = {
    kind,
    paymentId,
    provider: (provider as CheckoutProvider | undefined) ?? null,
    providerOrderId: providerOrderId ?? null,
    occurredAt: occurredAt ?? now,
  };
  return { orderId: orderId.toLowerCase(), fact };
}

const refundPayload = z.object({
  orderId: uuid,
  paymentId: text,
  refundId: uuid.optional().catch(undefined),
  amount: z.number().int().positive().optional().catch(undefined),
  paymentStatus: z.string().optional().catch(undefined),
});

/** @throws BadMessage when order or payment cannot be told */
export function readRefund({ payload, eventKey }: Incoming) {
  const { orderId, paymentId, refundId, amount, paymentStatus } = parse(refundPayload, payload);
  return {
    orderId: orderId.toLowerCase(),
    paymentId,
    refundId: refundId?.toLowerCase() ?? null,
    amount: amount === undefined ? null : BigInt(amount),
    succeeded: paymentStatus !== 'failed',
    // A refund that only the payment service knows gets an id derived from its event, so that it is made once.
    eventId: uuidv5(eventKey, orderId.toLowerCase()),
  };
}

const coursePayload = z.object({ courseId: uuid });

/** News of a course. @throws BadMessage when the course cannot be told */
export function readCourseNews({ payload, occurredAt }: Incoming): { courseId: string; at: Date | null } {
  return { courseId: parse(coursePayload, payload).courseId.toLowerCase(), at: occurredAt };
}

const sessionPayload = z.object({ sessionId: uuid });

/** @throws BadMessage when the session cannot be told */
export function readCancelledSession({ payload }: Incoming): { sessionId: string } {
  return { sessionId: parse(sessionPayload, payload).sessionId.toLowerCase() };
}

const userPayload = z.object({ userId: uuid }).or(z.object({ id: uuid }).transform(({ id }) => ({ userId: id })));

/** @throws BadMessage when the user cannot be told */
export function readBlockedUser({ payload }: Incoming): { userId: string } {
  return { userId: parse(userPayload, payload).userId.toLowerCase() };
}

/** @throws BadMessage when order or course cannot be told */
export function readEnrolment({ payload, occurredAt }: Incoming, now: Date) {
  const { orderId, courseId, enrolledAt } = parse(enrolmentPayload, payload);
  const at = enrolledAt ? new Date(enrolledAt) : (occurredAt ?? now);
  return {
    orderId: orderId.toLowerCase(),
    courseId: courseId.toLowerCase(),
    enrolledAt: Number.isNaN(at.getTime()) ? now : at,
  };
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new BadMessage('is not JSON', { cause: error });
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new BadMessage(
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`).join('; '),
  );
}
