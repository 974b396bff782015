import type { CheckoutProvider } from '../generated/graphql';

const NAMES: Readonly<Record<CheckoutProvider, string>> = { STRIPE: 'Stripe', PAYPAL: 'PayPal', RAZORPAY: 'Razorpay' };

export const PROVIDERS = Object.keys(NAMES) as CheckoutProvider[];
export const providerName = (provider: CheckoutProvider): string => NAMES[provider];
