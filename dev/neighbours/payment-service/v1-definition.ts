import { PaymentServiceDefinition as V2 } from '../../../src/generated/payment_service.js';
import { PaymentServiceDefinition as V1 } from '../../../src/generated/payment_service_v1.js';

const { resolvePayment, cancelPayment, healthCheck } = V2.methods;

/**
 * Contract v1: the package and service of v2 on the wire, with its own CreatePayment. GetPayment and
 * CreateProviderSession have no handler there and answer UNIMPLEMENTED.
 */
export const PaymentServiceV1Definition = {
  ...V1,
  fullName: V2.fullName,
  methods: { createPayment: V1.methods.createPayment, resolvePayment, cancelPayment, healthCheck },
} as const;
