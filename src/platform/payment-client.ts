import { CheckoutProvider } from '../entities/enums.js';
import type { ProviderSession } from '../entities/provider-session.js';
import { Provider, type Error as InBandError } from '../generated/payment_common.js';
import {
  PaymentServiceDefinition,
  type PaymentData,
  type PayPalPaymentSession,
  type RazorpayPaymentSession,
  type StripePaymentSession,
} from '../generated/payment_service.js';
import { PaymentServiceDefinition as GeneratedV1 } from '../generated/payment_service_v1.js';
import { ClientError, Metadata, Status } from 'nice-grpc';
import { v5 as uuidv5 } from 'uuid';
import { LARGEST_PAYMENT } from '../entities/payment/exact-amount.js';
import { endOfPayment } from '../entities/payment/payment-words.js';
import type { Caller, CallOptions } from './caller.js';
import { asDown, isNotFound } from './caller.js';
import {
  NeighbourDown,
  NeighbourRefused,
  type KnownPayment,
  type PaymentGateway,
  type StartedPayment,
} from './neighbours.js';

/** Contract v1 has the same path on the wire; only its messages differ. */
const PaymentServiceV1Definition = { ...GeneratedV1, fullName: PaymentServiceDefinition.fullName } as const;

type WireSession =
  | { $case: 'stripe'; value: StripePaymentSession }
  | { $case: 'razorpay'; value: RazorpayPaymentSession }
  | { $case: 'paypal'; value: PayPalPaymentSession };

type Answer<T> = { $case: 'success'; value: T } | { $case: 'error'; value: InBandError } | undefined;

const NOT_FOUND = /not_?\s?found/i;
const UNKNOWN_PAYMENT: KnownPayment = { end: undefined, provider: null, providerOrderId: null, isUnknown: true };

/** The platform's payment service, in one of its two contracts. */
export function createPaymentClient(caller: Caller, contract: 'v1' | 'v2'): PaymentGateway {
  const client = caller.client(PaymentServiceDefinition);
  const clientV1 = caller.client(PaymentServiceV1Definition);

  async function ask<T>(call: (options: CallOptions) => Promise<{ result?: Answer<T> | undefined }>): Promise<T> {
    try {
      const { result } = await caller.write(call);
      if (result?.$case === 'success') return result.value;
      if (result?.$case === 'error') throw new NeighbourRefused(caller.service, result.value.code);
      throw new NeighbourDown(caller.service, 'an answer without a result');
    } catch (error) {
      throw error instanceof NeighbourRefused ? error : asDown(caller.service, error);
    }
  }

  const startV1: PaymentGateway['start'] = async ({ orderId, buyerId: userId, provider, key, returnUrls }) => {
    const request = { provider: Provider[provider], userId, orderId, idempotencyKey: key, ...urls(returnUrls) };
    const { paymentId, session, orderId: paid } = await ask((options) => clientV1.createPayment(request, options));
    expectOrder(caller.service, orderId, paid);
    return startedOf(caller.service, paymentId, session);
  };

  const startV2: PaymentGateway['start'] = async ({ orderId, buyerId: userId, provider, key, returnUrls }) => {
    const { paymentId, orderId: paid } = await ask((options) =>
      client.createPayment({ userId, orderId, idempotencyKey: key }, options),
    );
    expectOrder(caller.service, orderId, paid);
    const request = { paymentId, provider: Provider[provider], ...urls(returnUrls) };
    const answer = await ask((options) =>
      client.createProviderSession(request, withKey(options, uuidv5('session', key))),
    );
    return startedOf(caller.service, paymentId, answer.session);
  };

  return {
    start: contract === 'v1' ? startV1 : startV2,
    async resolve({ provider, providerOrderId, razorpay, key }) {
      const payment = proofOf(provider, providerOrderId, razorpay);
      const answer = await ask((options) =>
        client.resolvePayment({ provider: Provider[provider], payment }, withKey(options, key)),
      );
      if (!answer.isResolved) throw new NeighbourRefused(caller.service, 'NOT_RESOLVED');
    },
    async find(paymentId) {
      try {
        const { result } = await caller.read((options) => client.getPayment({ paymentId }, options));
        if (result?.$case === 'success') return knownOf(caller.service, paymentId, result.value);
        const code = result?.$case === 'error' ? result.value.code : 'an answer without a result';
        if (NOT_FOUND.test(code)) return UNKNOWN_PAYMENT;
        throw new NeighbourDown(caller.service, code);
      } catch (error) {
        // Contract v1 declares the call and does not offer it.
        if (error instanceof ClientError && error.code === Status.UNIMPLEMENTED) return undefined;
        if (isNotFound(error)) return UNKNOWN_PAYMENT;
        throw asDown(caller.service, error);
      }
    },
    async cancel({ provider, providerOrderId, key }) {
      const request = { provider: Provider[provider], providerOrderId };
      await ask((options) => client.cancelPayment(request, withKey(options, key)));
    },
  };
}

/** @throws NeighbourDown for an answer that cannot be about this payment */
function knownOf(service: string, asked: string, payment: PaymentData): KnownPayment {
  const { paymentId, status, provider, providerOrderId, orderId, amount, currency } = payment;
  if (paymentId && paymentId !== asked) throw new NeighbourDown(service, 'an answer about another payment');
  if (amount < 0n || amount > LARGEST_PAYMENT) throw new NeighbourDown(service, 'a payment of an impossible amount');
  const name = Object.values(CheckoutProvider).find((one) => Provider[one] === provider);
  return {
    end: endOfPayment(status),
    provider: name ?? null,
    providerOrderId: providerOrderId || null,
    orderId: orderId.toLowerCase() || undefined,
    // Zero is what an absent amount reads as.
    amountMinor: amount > 0n ? amount : undefined,
    currency: currency.toUpperCase() || undefined,
  };
}

function withKey(options: CallOptions, key: string): CallOptions {
  return { ...options, metadata: Metadata(options.metadata).set('idempotency-key', key) };
}

function urls(returnUrls: { successUrl: string | null; cancelUrl: string | null } | null) {
  return { successUrl: returnUrls?.successUrl ?? undefined, cancelUrl: returnUrls?.cancelUrl ?? undefined };
}

function proofOf(
  provider: CheckoutProvider,
  orderId: string,
  razorpay: { paymentId: string; signature: string } | null,
) {
  switch (provider) {
    case CheckoutProvider.STRIPE:
      return { $case: 'stripe' as const, value: { sessionId: orderId } };
    case CheckoutProvider.PAYPAL:
      return { $case: 'paypal' as const, value: { orderId } };
    case CheckoutProvider.RAZORPAY:
      return {
        $case: 'razorpay' as const,
        value: {
          razorpayOrderId: orderId,
          razorpayPaymentId: razorpay?.paymentId ?? '',
          razorpaySignature: razorpay?.signature ?? '',
        },
      };
  }
}

/** No payment is attached to an order it was not made for. */
function expectOrder(service: string, asked: string, answered: string): void {
  if (answered && answered.toLowerCase() !== asked) throw new NeighbourDown(service, 'a payment of another order');
}

function startedOf(service: string, paymentId: string, session: WireSession | undefined): StartedPayment {
  if (!paymentId || !session) throw new NeighbourDown(service, 'a payment without id or session');
  return { paymentId, session: sessionOf(session) };
}

function sessionOf({ $case, value }: WireSession): ProviderSession {
  const money = { amount: value.amount.toString(), currency: value.currency.toUpperCase() };
  switch ($case) {
    case 'stripe':
      return {
        provider: CheckoutProvider.STRIPE,
        sessionId: value.sessionId,
        publicKey: value.publicKey,
        url: value.url,
        ...money,
      };
    case 'razorpay':
      return { provider: CheckoutProvider.RAZORPAY, orderId: value.orderId, keyId: value.keyId, ...money };
    case 'paypal':
      return { provider: CheckoutProvider.PAYPAL, orderId: value.orderId, approvalLink: value.approvalLink, ...money };
  }
}
