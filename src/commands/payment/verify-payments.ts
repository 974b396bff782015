import { setTimeout as sleep } from 'node:timers/promises';
import { PaymentStatus } from '../../entities/enums.js';
import type { PaymentFact } from '../../entities/order-payments.js';
import { SuspicionReason } from '../../entities/payment/suspicious-payment.js';
import { pauseUnless } from '../../observability/pause.js';
import { isDatabaseAway } from '../../persistence/errors.js';
import type { KnownPayment } from '../../platform/neighbours.js';
import type { Environment } from '../environment.js';

/** How long the payment service is asked about the captures of one batch, ms: a batch is never held up for longer. */
const LIMIT_MS = 1_000;
/** A payment service may publish a capture a moment before its own answer shows it: it is asked again, ms. */
const ASK_AGAIN_MS = 200;

/** What is verified of a message. */
export interface ReportedPayment {
  readonly orderId: string;
  readonly fact: PaymentFact;
}

/** A message with the reasons not to apply it; absent where it was verified, or need not be. */
export type Verified<T> = T & { readonly suspicions?: readonly SuspicionReason[]; readonly answer?: KnownPayment };

/** What the payment service answers about a payment: undefined where it does not offer the call. */
type ServiceAnswer = KnownPayment | 'none' | undefined;

/**
 * Compares captures of payments that were not started here with what the payment service itself answers, all at once and
 * for a bounded time, before the transaction that applies them. Which answers count: the policy `paymentVerification`.
 */
export async function verifyPayments<T extends ReportedPayment>(
  env: Environment,
  messages: readonly T[],
): Promise<Verified<T>[]> {
  const { paymentVerification: policy } = env.policies;
  if (policy === 'off') return [...messages];
  const captures = messages.filter(({ fact }) => fact.kind === 'succeeded');
  if (captures.length === 0) return [...messages];
  const trusted = await findTrusted(env, captures);
  const until = performance.now() + LIMIT_MS;
  return Promise.all(
    messages.map(async (message) => {
      const { fact } = message;
      if (fact.kind !== 'succeeded' || trusted.has(fact.paymentId)) return message;
      return verifyCapture(env, message, until);
    }),
  );
}

/** Payments that this service started, and those whose capture it has applied already. */
async function findTrusted(env: Environment, captures: readonly ReportedPayment[]): Promise<ReadonlySet<string>> {
  try {
    return await readTrusted(env, captures);
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    // One of the ids cannot be looked for: all captures are verified.
    env.log.warn({ err: error }, 'payments that were started here could not be looked for');
    return new Set();
  }
}

async function readTrusted({ fork }: Environment, captures: readonly ReportedPayment[]): Promise<ReadonlySet<string>> {
  const ids = [...new Set(captures.map(({ fact }) => fact.paymentId))];
  const rows = await fork().execute<{ payment_id: string }[]>(
    `select payment_id from payment_attempts where payment_id in (?) and (session is not null or state = ?)`,
    [ids, PaymentStatus.SUCCEEDED],
  );
  return new Set(rows.map(({ payment_id }) => payment_id));
}

async function verifyCapture<T extends ReportedPayment>(
  env: Environment,
  message: T,
  until: number,
): Promise<Verified<T>> {
  for (;;) {
    const answer = await askWithin(env, message, until - performance.now());
    if (answer === undefined || answer === 'none') return unverified(env, message);
    const suspicions = compareWithService(message, answer);
    if (suspicions.length === 0) return { ...message, fact: withAnswer(message.fact, answer) };
    const mayChange = suspicions.some((one) => MAY_CHANGE.has(one));
    if (!mayChange || performance.now() + ASK_AGAIN_MS >= until) return { ...message, suspicions, answer };
    await sleep(ASK_AGAIN_MS);
  }
}

function unverified<T extends ReportedPayment>({ policies }: Environment, message: T): Verified<T> {
  const isRequired = policies.paymentVerification === 'required';
  return isRequired ? { ...message, suspicions: [SuspicionReason.NOT_VERIFIED] } : message;
}

/** What a payment service may answer a moment before a capture is visible everywhere. */
const MAY_CHANGE: ReadonlySet<SuspicionReason> = new Set([
  SuspicionReason.STATUS_DIFFERS,
  SuspicionReason.UNKNOWN_PAYMENT,
]);

async function askWithin(env: Environment, message: ReportedPayment, limitMs: number): Promise<ServiceAnswer> {
  const answered = new AbortController();
  const late = pauseUnless(answered.signal, Math.max(0, limitMs)).then(() => 'none' as const);
  try {
    return await Promise.race([ask(env, message), late]);
  } finally {
    answered.abort();
  }
}

async function ask(env: Environment, { orderId, fact }: ReportedPayment): Promise<ServiceAnswer> {
  try {
    return await env.neighbours.payments.find(fact.paymentId);
  } catch (error) {
    env.log.warn({ err: error, orderId }, 'the payment service could not be asked about a capture');
    return 'none';
  }
}

/** Compares a capture with what the payment service answers about the payment. Pure. */
export function compareWithService({ orderId, fact }: ReportedPayment, known: KnownPayment): SuspicionReason[] {
  if (known.isUnknown) return [SuspicionReason.UNKNOWN_PAYMENT];
  const { amountMinor, currency } = fact.claims ?? {};
  const differs = <T>(said: T | undefined, answered: T | undefined) =>
    said !== undefined && answered !== undefined && said !== answered;
  return [
    ...(differs(orderId, known.orderId) ? [SuspicionReason.ANOTHER_ORDER] : []),
    ...(differs(amountMinor, known.amountMinor) ? [SuspicionReason.AMOUNT_DIFFERS] : []),
    ...(differs(currency, known.currency) ? [SuspicionReason.ANOTHER_CURRENCY] : []),
    ...(known.end === 'succeeded' ? [] : [SuspicionReason.STATUS_DIFFERS]),
  ];
}

/** The capture with the amount and currency that the payment service answers: they are compared with the order. */
export function withAnswer(fact: PaymentFact, { amountMinor, currency }: KnownPayment): PaymentFact {
  const claims = {
    ...fact.claims,
    ...(amountMinor === undefined ? {} : { amountMinor }),
    ...(currency === undefined ? {} : { currency }),
  };
  return Object.keys(claims).length > 0 ? { ...fact, claims } : fact;
}
