import type { CallContext, ServiceImplementation } from 'nice-grpc';
import { ServerError, Status } from 'nice-grpc';
import type { PaymentServiceImplementation, ResolvePaymentRequest } from '../../../src/generated/payment_service.js';
import { PaymentServiceDefinition } from '../../../src/generated/payment_service.js';
import { withGarbage } from '../grpc/faults.js';
import type { NeighbourService, Place } from '../grpc/serve.js';
import { serve } from '../grpc/serve.js';
import { InBandError, inBand } from './in-band.js';
import type { Payment } from './payment.js';
import type { PaymentDesk, Resolution } from './payment-desk.js';
import { cancelPayment, createPayment, createSession, getPayment, resolvePayment } from './payment-desk.js';
import { openSession, toWireSession } from './provider-session.js';
import { providerName, toWireProvider } from './providers.js';
import { PaymentServiceV1Definition } from './v1-definition.js';

/** Throws outside of what is answered in band, as the platform's controller does. */
function idempotencyKey({ metadata }: CallContext): string {
  const key = metadata.get('idempotency-key');
  if (key === undefined) throw new ServerError(Status.INTERNAL, 'Idempotency Key is missing');
  return key;
}

function toResolution({ provider, payment }: ResolvePaymentRequest): Resolution {
  const name = providerName(provider);
  if (payment?.$case !== name) throw new InBandError('BadRequestException', `Payment data of ${name} are missing`);
  switch (payment.$case) {
    case 'stripe':
      return { provider: name, sessionId: payment.value.sessionId };
    case 'razorpay':
      return { provider: name, sessionId: payment.value.razorpayOrderId, razorpay: payment.value };
    case 'paypal':
      return { provider: name, sessionId: payment.value.orderId };
  }
}

function toPaymentData(payment: Payment) {
  return {
    paymentId: payment.id,
    provider: toWireProvider(payment.session?.provider),
    status: payment.status,
    amount: payment.amount,
    currency: payment.currency,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
    providerOrderId: payment.session?.id ?? '',
    orderId: payment.orderId,
  };
}

type CommonMethods = Pick<PaymentServiceImplementation, 'resolvePayment' | 'cancelPayment' | 'healthCheck'>;

function commonMethods(desk: PaymentDesk): CommonMethods {
  return {
    resolvePayment: async (request, context) => {
      const key = idempotencyKey(context);
      return inBand(desk.log, async () => resolvePayment(desk, key, toResolution(request)));
    },
    cancelPayment: async ({ provider, providerOrderId }, context) => {
      const key = idempotencyKey(context);
      return inBand(desk.log, async () => cancelPayment(desk, key, providerName(provider), providerOrderId));
    },
    healthCheck: async () => ({ status: 'HEALTHY' }),
  };
}

/** Contract v2: a payment first, its provider's session in a second call. */
function v2(desk: PaymentDesk): PaymentServiceImplementation {
  return {
    ...commonMethods(desk),
    createPayment: (request) =>
      inBand(desk.log, () =>
        createPayment(desk, request, async (_client, payment) => {
          return { payment, value: { paymentId: payment.id, status: payment.status, orderId: payment.orderId } };
        }),
      ),
    createProviderSession: ({ paymentId, provider, successUrl, cancelUrl }) =>
      inBand(desk.log, async () => {
        const request = { provider: providerName(provider), successUrl, cancelUrl };
        const { session } = await createSession(desk, paymentId, request);
        return { paymentId, provider, session: session && toWireSession(session, desk.pageUrl) };
      }),
    getPayment: ({ paymentId }) => inBand(desk.log, async () => toPaymentData(await getPayment(desk, paymentId))),
  };
}

/** Contract v1: CreatePayment names the provider and answers its session. */
function v1(desk: PaymentDesk): ServiceImplementation<typeof PaymentServiceV1Definition> {
  return {
    ...commonMethods(desk),
    createPayment: (request) =>
      inBand(desk.log, async () => {
        const { provider, successUrl, cancelUrl } = request;
        const wanted = { provider: providerName(provider), successUrl, cancelUrl };
        return createPayment(desk, request, async (client, created) => {
          const session = await openSession(client, created, wanted);
          const { id: paymentId, status, orderId } = created;
          const value = { provider, session: toWireSession(session, desk.pageUrl), paymentId, status, orderId };
          return { payment: { ...created, session }, value };
        });
      }),
  };
}

/** The stand-in of the platform's payment service, in one of its two contracts. */
export function startPaymentService(place: Place, contract: 'v1' | 'v2', desk: PaymentDesk): Promise<NeighbourService> {
  return serve(place, desk.log, (server, service) => {
    if (contract === 'v1') server.add(withGarbage(PaymentServiceV1Definition, service), v1(desk));
    else server.add(withGarbage(PaymentServiceDefinition, service), v2(desk));
  });
}
