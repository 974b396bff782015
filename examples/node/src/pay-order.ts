import { randomUUID } from 'node:crypto';
import { Refused, TryAgain, unknownMember } from './errors.js';
import { StartPaymentDocument } from './generated/graphql.js';
import type { StartPaymentInput } from './generated/graphql.js';
import type { GraphClient } from './graph-client.js';
import { withRetries } from './retry.js';

/** Starts a payment at Stripe. @returns the id of Stripe's session, which the buyer pays in. @throws Refused, TryAgain */
export function startPayment(graph: GraphClient, orderId: string): Promise<string> {
  const input: StartPaymentInput = { orderId, provider: 'STRIPE', idempotencyKey: randomUUID() };
  return withRetries(() => tryToStart(graph, input));
}

async function tryToStart(graph: GraphClient, input: StartPaymentInput): Promise<string> {
  const { startPayment: result } = await graph.ask(StartPaymentDocument, { input });
  switch (result?.__typename) {
    case 'StartPaymentSuccess':
      if (result.session.__typename === 'StripeSession') return result.session.sessionId;
      throw new Refused(`Stripe was asked for, and a ${result.session.__typename} came.`);
    case 'ServiceUnavailable':
      throw new TryAgain(result.message, result.retryAfterSeconds);
    case 'ActionNotAllowed':
      throw new Refused(result.message, [result.reason]);
    case 'VersionConflict':
      throw new Refused(result.message, [`${result.order.number} is ${result.order.status}`]);
    case 'AccountBlocked':
    case 'IdempotencyConflict':
    case 'InvalidInput':
    case 'NotFound':
    case 'PaymentRefused':
      throw new Refused(result.message);
    case undefined:
      throw new TryAgain('the payment was not started, and the graph does not say why');
    default:
      return unknownMember(result);
  }
}

/** What the buyer does in a browser; only the laptop's stand-in of Stripe lets a program do it. @throws Error */
export async function approvePayment(pageUrl: string, session: string): Promise<void> {
  const headers = { accept: 'application/json' };
  const answer = await fetch(`${pageUrl}/pay/${session}/approve`, { method: 'POST', headers });
  // 409: it has ended before, which the order will tell.
  if (!answer.ok && answer.status !== 409) throw new Refused(`The payment page answered with HTTP ${answer.status}.`);
}
