import type { CheckoutProvider } from '../entities/enums.js';
import { LARGEST_PAYMENT } from '../entities/payment/exact-amount.js';
import { endOfPayment, isGivenBack, isOpenPayment } from '../entities/payment/payment-words.js';
import { isBelievable } from '../entities/shared/believable-time.js';
import { isStorableTime } from '../entities/shared/time-range.js';
import type { PaymentClaims } from '../entities/payment/payment-claims.js';
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

/** Text as every store keeps it, checked here once: what is stored is what later messages are compared with. */
const text = z
  .string()
  .min(1)
  .max(500)
  .refine((value) => !value.includes('\0'), 'holds a NUL')
  .refine((value) => value.isWellFormed(), 'is not well-formed Unicode');
/** An amount in minor units. One that is there and cannot be read makes the message unreadable: absent means "everything". */
const minorUnits = z.number().int().positive().max(Number(LARGEST_PAYMENT)).nullish();
const uuid = z.string().refine((value) => isUuid(value), 'is not a UUID');
/** A time that cannot be stored is as good as none. */
const storableTime = z
  .number()
  .int()
  .refine((ms) => isStorableTime(new Date(ms)));
/** Everything may be missing but what an effect needs: producers leave fields out. */
const incoming = z.object({
  eventId: text.optional().catch(undefined),
  timestamp: storableTime.optional().catch(undefined),
  payload: z.record(z.string(), z.unknown()),
});
/** Producers leave a field out, or leave it empty. */
const textOrNothing = text.or(z.literal('')).nullish();
const currencyCode = z
  .string()
  .regex(/^(?:[A-Za-z]{3})?$/, 'is not a currency code')
  .transform((code) => code.toUpperCase())
  .nullish();
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
  paymentStatus: z.unknown().optional(),
  userId: textOrNothing,
  amount: minorUnits,
  currency: currencyCode,
});
const enrolmentPayload = z.object({
  orderId: uuid,
  courseId: uuid,
  enrolledAt: z.string().optional().catch(undefined),
});

/** How the place of a message in its topic is written. */
const PLACE = /^\d+:\d+$/;

/** A message with its envelope read. */
export interface Incoming {
  readonly eventKey: string;
  readonly occurredAt: Date | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** @throws BadMessage saying why it cannot be understood */
export function readEnvelope(message: ReceivedMessage): Incoming {
  if (message.unreadable) throw new BadMessage(message.unreadable);
  const { eventId, timestamp, payload } = parse(incoming, json(message.value));
  // An id that looks like a place must not stand for another message's place.
  const isPlace = eventId !== undefined && PLACE.test(eventId);
  const eventKey = eventId !== undefined && !isPlace ? eventId : `${message.partition}:${message.offset}`;
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
  const { orderId, paymentId, provider, providerOrderId, paymentStatus, ...rest } = parse(paymentPayload, payload);
  const status = statusOf(paymentStatus);
  const isCancelled = topic === Topic.PAYMENT_FAILED && status !== undefined && endOfPayment(status) === 'cancelled';
  const kind = isCancelled ? 'cancelled' : KINDS[topic];
  if (!kind) throw new BadMessage(`no payment topic: ${topic}`);
  const fact = {
    kind,
    paymentId,
    provider: (provider as CheckoutProvider | undefined) ?? null,
    providerOrderId: providerOrderId ?? null,
    occurredAt: occurredAt ?? now,
    claims: claimsOf(kind, rest, status),
  };
  return { orderId: orderId.toLowerCase(), fact };
}

/** A status as a text; undefined where there is none. One that is no text is none that is known. */
function statusOf(status: unknown): string | undefined {
  if (status === undefined || status === null || status === '') return undefined;
  return typeof status === 'string' ? status : typeof status;
}

/** What a message says beyond which payment of which order; undefined where it says nothing, as the platform's do. */
function claimsOf(
  kind: PaymentFactKind,
  said: { readonly userId?: string | null; readonly amount?: number | null; readonly currency?: string | null },
  status: string | undefined,
): PaymentClaims | undefined {
  // The topic says how the payment ended: a status from before its end does not contradict it.
  const contradicts =
    kind === 'succeeded' && status !== undefined && endOfPayment(status) !== 'succeeded' && !isOpenPayment(status);
  const claims: PaymentClaims = {
    ...(said.userId ? { buyerId: said.userId.toLowerCase() } : {}),
    ...(typeof said.amount === 'number' ? { amountMinor: BigInt(said.amount) } : {}),
    ...(said.currency ? { currency: said.currency } : {}),
    ...(contradicts ? { contradictingStatus: status } : {}),
  };
  return Object.keys(claims).length > 0 ? claims : undefined;
}

const refundPayload = z.object({
  orderId: uuid,
  paymentId: text,
  refundId: z.string().nullish(),
  amount: minorUnits,
  paymentStatus: z
    .string()
    .refine((status) => status === '' || isGivenBack(status) !== undefined, 'is neither refunded nor failed')
    .nullish(),
  userId: textOrNothing,
  currency: currencyCode,
});

/** @throws BadMessage when order or payment cannot be told */
export function readRefund({ payload, eventKey }: Incoming) {
  const { orderId, paymentId, refundId, amount, paymentStatus, ...rest } = parse(refundPayload, payload);
  const { userId, currency } = rest;
  return {
    orderId: orderId.toLowerCase(),
    paymentId,
    // The payment service may name its own refund: then the open refund of the payment is meant.
    refundId: refundId && isUuid(refundId) ? refundId.toLowerCase() : null,
    amount: typeof amount === 'number' ? BigInt(amount) : null,
    ...(userId ? { buyerId: userId.toLowerCase() } : {}),
    ...(currency ? { currency } : {}),
    // A status that is not known makes the message unreadable: absent means that the money went back.
    succeeded: !paymentStatus || isGivenBack(paymentStatus) === true,
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
  const times = [enrolledAt === undefined ? null : new Date(enrolledAt), occurredAt];
  return {
    orderId: orderId.toLowerCase(),
    courseId: courseId.toLowerCase(),
    // A time that cannot be read or cannot be true is as good as none.
    enrolledAt: times.find((at) => at !== null && isBelievable(at, now)) ?? now,
  };
}

function json(value: string): unknown {
  try {
    // Some producers begin their text with a byte order mark.
    return JSON.parse(value.startsWith('\ufeff') ? value.slice(1) : value);
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
