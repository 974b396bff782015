import type { CheckoutProvider } from './enums.js';

/** What a front end needs to let the buyer pay. Amounts: minor units as decimal text, as the provider charges. */
export type ProviderSession =
  | {
      provider: CheckoutProvider.STRIPE;
      sessionId: string;
      publicKey: string;
      url: string;
      amount: string;
      currency: string;
    }
  | { provider: CheckoutProvider.RAZORPAY; orderId: string; keyId: string; amount: string; currency: string }
  | { provider: CheckoutProvider.PAYPAL; orderId: string; approvalLink: string; amount: string; currency: string };

/** The provider's own id of the session, which the payment service cancels and resolves by. */
export function providerOrderIdOf(session: ProviderSession): string {
  return 'sessionId' in session ? session.sessionId : session.orderId;
}
