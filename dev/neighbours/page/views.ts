import { decimalPlacesOf } from '../../../src/entities/shared/currency.js';
import type { SampleSession } from '../../sample/sample-data.js';
import type { Payment } from '../payment-service/payment.js';
import type { Refund } from '../payment-service/refunds.js';
import { html, page } from './html.js';
import type { Html } from './html.js';
import { ACTIONS, razorpayProof, shownStatus } from './page-actions.js';
import type { PageAction } from './page-actions.js';
import { sessionTable } from './session-views.js';

const BUTTONS: Readonly<Record<PageAction, string>> = {
  approve: 'Approve',
  decline: 'Decline',
  cancel: 'Cancel',
  timeout: 'Let time out',
};

const STORIES: Readonly<Record<string, string>> = {
  pending: 'This payment waits for the buyer.',
  approved: 'Approved by the buyer. The money is captured when the shop confirms the payment (confirmPayment).',
  success: 'Paid.',
  failed: 'Declined by the provider.',
  cancelled: 'Cancelled by the buyer.',
  expired: 'Timed out.',
};

function money(amount: bigint, currency: string): string {
  const places = decimalPlacesOf(currency);
  const minor = amount.toString().padStart(places + 1, '0');
  const [units, rest] = [minor.slice(0, minor.length - places), minor.slice(minor.length - places)];
  return `${currency} ${rest ? `${units}.${rest}` : units}`;
}

/** The list of open payments and refunds, and the live sessions. */
export function listPage(
  payments: readonly Payment[],
  refunds: readonly Refund[],
  sessions: readonly SampleSession[],
): string {
  return page(
    'Open payments',
    html`${paymentTable(payments)} ${refunds.length > 0 ? refundTable(refunds) : undefined}
      <h2>Live sessions</h2>
      ${sessionTable(sessions)}`,
  );
}

function refundTable(refunds: readonly Refund[]): Html {
  return html`<h2>Refunds asked for</h2>
    <table>
      <tr>
        <th>Amount</th>
        <th>Order</th>
        <th></th>
      </tr>
      ${refunds.map(refundRow)}
    </table>`;
}

function refundRow({ id, amount, currency, orderId }: Refund): Html {
  return html`<tr>
    <td>${money(BigInt(amount), currency)}</td>
    <td><code>${orderId}</code></td>
    <td>
      <form method="post" action="/refunds/${id}/settle"><button>Give back</button></form>
      <form method="post" action="/refunds/${id}/fail"><button>Fail</button></form>
    </td>
  </tr>`;
}

/** What became of one refund. */
export function refundPage({ amount, currency, status }: Refund): string {
  return page(
    'Refund',
    html`<p class="amount">${money(BigInt(amount), currency)}</p>
      <p class="note" role="status">${status}</p>
      <p><a href="/">All open payments</a></p>`,
  );
}

function paymentTable(payments: readonly Payment[]): Html {
  if (payments.length === 0) return html`<p>None. Start one with <code>startPayment</code>.</p>`;
  return html`<table>
    <tr>
      <th>Session</th>
      <th>Provider</th>
      <th>Amount</th>
      <th>Order</th>
    </tr>
    ${payments.map(listRow)}
  </table>`;
}

function listRow({ session, amount, currency, orderId }: Payment): Html {
  const name = session ? html`<a href="/pay/${session.id}"><code>${session.id}</code></a>` : 'no session yet';
  const charged = session ? money(session.amount, session.currency) : money(amount, currency);
  return html`<tr>
    <td>${name}</td>
    <td>${session?.provider}</td>
    <td>${charged}</td>
    <td><code>${orderId}</code></td>
  </tr>`;
}

/** One payment: what has happened, what can be done, where to go on. */
export function paymentPage(payment: Payment): string {
  const { session } = payment;
  if (!session) return unknownPage();
  const status = shownStatus(payment);
  const { id, provider, amount, currency } = session;
  return page(
    `Payment with ${provider}`,
    html`<p class="amount">${money(amount, currency)}</p>
      <p class="note" role="status">${STORIES[status] ?? status}</p>
      ${proof(payment)} ${payment.status === 'pending' ? buttons(id, status) : undefined} ${backLink(payment)}
      <table>
        <tr>
          <th>Order</th>
          <td><code>${payment.orderId}</code></td>
        </tr>
        <tr>
          <th>Payment</th>
          <td><code>${payment.id}</code></td>
        </tr>
        <tr>
          <th>Session</th>
          <td><code>${id}</code></td>
        </tr>
      </table>
      <p><a href="/">Open payments</a></p>`,
  );
}

function buttons(sessionId: string, status: string): Html[] {
  const possible = ACTIONS.filter((action) => !(status === 'approved' && action === 'approve'));
  return possible.map(
    (action) =>
      html`<form method="post" action="/pay/${sessionId}/${action}">
        <button class="${action}">${BUTTONS[action]}</button>
      </form>`,
  );
}

function proof(payment: Payment): Html | undefined {
  const razorpay = razorpayProof(payment);
  if (!razorpay) return undefined;
  return html`<p>
    For <code>confirmPayment</code>: razorpay paymentId <code>${razorpay.paymentId}</code>, signature
    <code>${razorpay.signature}</code>
  </p>`;
}

function backLink(payment: Payment): Html | undefined {
  const status = shownStatus(payment);
  const { successUrl, cancelUrl } = payment.session ?? {};
  if (status === 'pending') return undefined;
  const url = ['success', 'approved'].includes(status) ? withProof(successUrl, payment) : cancelUrl;
  // Only the web: a javascript: link would run in this page.
  if (!url || !/^https?:\/\//i.test(url)) return undefined;
  return html`<p><a href="${url}">Back to the shop</a></p>`;
}

/** Razorpay's checkout sends its proof to the shop's page, under these names. */
function withProof(successUrl: string | null | undefined, payment: Payment): string | undefined {
  const proof = razorpayProof(payment);
  if (!successUrl || !proof || !URL.canParse(successUrl)) return successUrl ?? undefined;
  const url = new URL(successUrl);
  url.searchParams.set('razorpay_payment_id', proof.paymentId);
  url.searchParams.set('razorpay_signature', proof.signature);
  return url.href;
}

export function unknownPage(): string {
  return page('Unknown payment', html`<p>No payment has this session. <a href="/">Open payments</a></p>`);
}
