import { createHmac, randomBytes } from 'node:crypto';
import { Provider } from '../../../src/generated/payment_common.js';
import { InBandError } from './in-band.js';

export type ProviderName = 'stripe' | 'razorpay' | 'paypal';
export type SessionStatus = 'created' | 'pending_approval' | 'approved' | 'captured' | 'failed';

/** The fixed rate at which the stand-in converts for providers that do not take rupees: INR for one USD. */
export const INR_PER_USD = 85n;

export const STRIPE_PUBLIC_KEY = 'pk_test_edulearn_stand_in';
export const RAZORPAY_KEY_ID = 'rzp_test_edulearn_stand_in';
const RAZORPAY_KEY_SECRET = 'razorpay-stand-in-secret';

const NAMES: Readonly<Partial<Record<Provider, ProviderName>>> = {
  [Provider.STRIPE]: 'stripe',
  [Provider.RAZORPAY]: 'razorpay',
  [Provider.PAYPAL]: 'paypal',
};

const WIRE: Readonly<Record<ProviderName, Provider>> = {
  stripe: Provider.STRIPE,
  razorpay: Provider.RAZORPAY,
  paypal: Provider.PAYPAL,
};

/** @throws InBandError BadRequestException when it is none of the three */
export function providerName(provider: Provider): ProviderName {
  const name = NAMES[provider];
  if (!name) throw new InBandError('BadRequestException', `Unsupported payment provider ${provider}`);
  return name;
}

/** The wire value; a payment without a session has no provider yet. */
export function toWireProvider(name: ProviderName | undefined): Provider {
  return name ? WIRE[name] : Provider.PROVIDER_UNSPECIFIED;
}

/** An id that looks like the provider's. */
export function newSessionId(provider: ProviderName): string {
  const random = randomBytes(12).toString('hex');
  if (provider === 'stripe') return `cs_test_${random}`;
  if (provider === 'razorpay') return `order_${random.slice(0, 14)}`;
  return random.slice(0, 17).toUpperCase();
}

export function newRazorpayPaymentId(): string {
  return `pay_${randomBytes(7).toString('hex')}`;
}

/** What the provider's checkout hands to the buyer's browser as proof: HMAC-SHA256, hex, as Razorpay computes it. */
export function razorpaySignature(razorpayOrderId: string, razorpayPaymentId: string): string {
  return createHmac('sha256', RAZORPAY_KEY_SECRET).update(`${razorpayOrderId}|${razorpayPaymentId}`).digest('hex');
}

/** What the provider charges, in minor units: Stripe and PayPal do not take rupees, the platform converts to dollars. */
export function chargedAmount(provider: ProviderName, amount: bigint, currency: string) {
  if (currency !== 'INR' || provider === 'razorpay') return { amount, currency };
  const cents = (amount + INR_PER_USD / 2n) / INR_PER_USD;
  return { amount: cents > 0n ? cents : 1n, currency: 'USD' };
}
