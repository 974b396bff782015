import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import type { SampleUser } from '../sample/sample-data.js';
import { signToken } from '../sample/sign-token.js';
import { connectGraph, type GraphClient } from './graph-client.js';
import { START_PAYMENT } from './operations.js';

interface StartPaymentAnswer {
  startPayment: {
    __typename: string;
    session?: { sessionId: string; url: string };
    message?: string;
  };
}

const TOKEN_SECONDS = 3_600;
const PATIENCE_MS = 30_000;

/** Prints one line of the story. */
export const say = (text: string): unknown => process.stdout.write(`${text}\n`);

/** The supergraph of the running product as somebody of the sample sees it. */
export async function signIn({ id: userId, roles }: SampleUser): Promise<GraphClient> {
  const port = process.env.GATEWAY_PORT || '4000';
  const secret = process.env.JWT_ACCESS_TOKEN_SECRET || LAPTOP_JWT_SECRET;
  const token = await signToken({ userId, roles, ttlSeconds: TOKEN_SECONDS, secret });
  return connectGraph(`http://127.0.0.1:${port}/graphql`, token);
}

/** Starts a payment of an order. @returns its page */
export async function startPayment(graph: GraphClient, orderId: string): Promise<string> {
  const input = { orderId, provider: 'STRIPE' };
  const { startPayment: started } = await graph.run<StartPaymentAnswer>(START_PAYMENT, { input });
  if (!started.session) throw new Error(`${started.__typename}: ${started.message}`);
  return started.session.url;
}

/** Does what the buyer does on the payment page. */
export async function approve(paymentUrl: string): Promise<void> {
  const answer = await fetch(`${paymentUrl}/approve`, { method: 'POST', headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`the payment page answered ${answer.status}`);
}

/**
 * Awaits something that is followed live.
 * @param what begins the sentence that says it did not come
 * @throws Error when it does not come in time
 */
export async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} in time`)), PATIENCE_MS).unref();
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
