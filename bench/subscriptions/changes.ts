import { setTimeout as pause } from 'node:timers/promises';
import type { Post } from '../support/http-client.js';

const CANCEL = `mutation ($id: ID!) { cancelOrder(input: { orderId: $id }) { __typename } }`;
const RESTORE = `mutation ($id: ID!) { restoreOrder(input: { orderId: $id }) { __typename } }`;

/** An order and who may change it. */
export interface Changeable {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Cancels and restores orders in turn, so many changes a second. Resolves when all were answered. */
export async function changeOrders(
  post: Post,
  orders: readonly Changeable[],
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
): Promise<void> {
  const began = performance.now();
  const answers: Promise<void>[] = [];
  for (let n = 0; n < count; n++) {
    await pause(Math.max(0, began + (n * 1_000) / perSecond - performance.now()));
    const isCancelled = Math.floor(n / orders.length) % 2 === 1;
    answers.push(change(post, orders[n % orders.length] as Changeable, isCancelled));
  }
  await Promise.all(answers);
}

async function change(post: Post, { id, headers }: Changeable, isCancelled: boolean): Promise<void> {
  const body = JSON.stringify({ query: isCancelled ? RESTORE : CANCEL, variables: { id } });
  const answer = await post(body, headers);
  if (!answer.includes('Success"')) throw new Error(`answered ${answer}`);
}
