import { setTimeout as pause } from 'node:timers/promises';
import { signToken } from '../../../dev/sample/sign-token.js';
import { askReplica, type Replica } from './replica.js';
import { SITE_SECRET } from './secrets.js';
import type { Site } from './site.js';

const ORDER = `order { id }`;
const ERROR = `... on UserError { code message }`;
const QUERIES = {
  place: `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on PlaceOrderSuccess { ${ORDER} } ${ERROR} } }`,
  show: `query ($id: ID!) { order(id: $id) { status fulfilment refunds { id status } } }`,
  start: `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { ... on StartPaymentSuccess { session { ... on StripeSession { sessionId } } } ${ERROR} } }`,
  cancel: `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { ... on CancelOrderSuccess { ${ORDER} } ${ERROR} } }`,
  restore: `mutation ($input: RestoreOrderInput!) { restoreOrder(input: $input) { ... on RestoreOrderSuccess { ${ORDER} } ${ERROR} } }`,
  refund: `mutation ($input: RequestRefundInput!) { requestRefund(input: $input) { ... on RequestRefundSuccess { refund { id } } ${ERROR} } }`,
};
const LIMIT_MS = 120_000;
const AGAIN_MS = 200;

interface Shown {
  readonly status: string;
  readonly fulfilment: string;
  readonly refunds: readonly { readonly id: string; readonly status: string }[];
}

export interface Who {
  readonly userId: string;
  readonly courseId: string;
  /** Which replica is asked first; the next try goes to the next one, as behind a balancer. */
  readonly first: number;
  /** Hears of every call that was not answered as in quiet times. */
  readonly onFailure?: (failure: unknown) => void;
}

/** A buyer of one course who repeats every step, under the same key, until it is answered. */
export class Buyer {
  readonly #site: Site;
  readonly #replicas: readonly Replica[];
  readonly #userId: string;
  readonly #courseId: string;
  readonly #onFailure: (failure: unknown) => void;
  #next: number;
  #token: string | undefined;

  constructor(site: Site, replicas: readonly Replica[], who: Who) {
    this.#site = site;
    this.#replicas = replicas;
    this.#userId = who.userId;
    this.#courseId = who.courseId;
    this.#next = who.first;
    this.#onFailure = who.onFailure ?? (() => undefined);
  }

  /** @returns the order's id */
  place(): Promise<string> {
    const input = { courseIds: [this.#courseId], idempotencyKey: `${this.#userId}-${this.#courseId}` };
    return insist(async () => {
      const { placeOrder } = await this.#ask<{ placeOrder: { order?: { id: string } } }>(QUERIES.place, { input });
      return placeOrder.order?.id;
    });
  }

  /** Starts payments and presses the same button of the payment page until the order has the status. */
  pay(orderId: string, button: 'approve' | 'decline', status: string): Promise<void> {
    return this.#until(orderId, status, async () => {
      const session = await this.#startPayment(orderId);
      if (session) await this.#press(`pay/${session}/${button}`);
    });
  }

  /** Starts a payment without paying. @returns its session on the payment page */
  openPayment(orderId: string): Promise<string> {
    return insist(() => this.#startPayment(orderId));
  }

  cancel(orderId: string): Promise<void> {
    return this.#until(orderId, 'CANCELLED', () => this.#ask(QUERIES.cancel, { input: { orderId } }));
  }

  restore(orderId: string): Promise<void> {
    return this.#until(orderId, 'PENDING_PAYMENT', () => this.#ask(QUERIES.restore, { input: { orderId } }));
  }

  /** Waits for the delivery, asks for the money back, and lets the payment service give it. */
  async giveBack(orderId: string): Promise<void> {
    await insist(async () => ((await this.#show(orderId)).fulfilment === 'FULFILLED' ? true : undefined));
    const input = { orderId, idempotencyKey: `refund-${orderId}` };
    await this.#until(orderId, 'REFUNDED', async ({ refunds }) => {
      if (refunds.length === 0) await this.#ask(QUERIES.refund, { input });
      for (const { id } of refunds) await this.#press(`refunds/${id}/settle`);
    });
  }

  /** @returns the session on the payment page, if a payment could be started */
  async #startPayment(orderId: string): Promise<string | undefined> {
    const input = { orderId, provider: 'STRIPE' };
    const { startPayment } = await this.#ask<{ startPayment: { session?: { sessionId: string } } }>(QUERIES.start, {
      input,
    });
    return startPayment.session?.sessionId;
  }

  async #until(orderId: string, status: string, step: (order: Shown) => Promise<unknown>): Promise<void> {
    await insist(async () => {
      const order = await this.#show(orderId);
      if (order.status === status) return true;
      await step(order);
      throw new Error(`order ${orderId} is ${order.status} ${order.fulfilment}, not ${status}`);
    });
  }

  async #show(id: string): Promise<Shown> {
    return (await this.#ask<{ order: Shown }>(QUERIES.show, { id })).order;
  }

  /** The buyer's access token. */
  async token(): Promise<string> {
    const who = { userId: this.#userId, roles: ['student'], ttlSeconds: 3_600, secret: SITE_SECRET };
    return (this.#token ??= await signToken(who));
  }

  async #ask<T>(query: string, variables: object): Promise<T> {
    const replica = this.#replicas[this.#next++ % this.#replicas.length];
    if (!replica) throw new Defect('there is no replica');
    try {
      const { data, errors } = await askReplica(replica, await this.token(), query, variables);
      if (data === undefined) throw new Defect(`the answer has no data: ${JSON.stringify(errors)}`);
      if (data === null || errors) throw new Error(JSON.stringify(errors));
      if (JSON.stringify(data).includes('SERVICE_UNAVAILABLE')) throw new Error(JSON.stringify(data));
      return data;
    } catch (error) {
      this.#onFailure(error);
      throw error;
    }
  }

  async #press(path: string): Promise<void> {
    await fetch(`${this.#site.neighbours.pageUrl}/${path}`, { method: 'POST' });
  }
}

/** A defect of the test or the product, not a fault to be outlived. */
class Defect extends Error {
  override name = 'Defect';
}

/** Repeats a step until it answers something. @throws Error after two minutes, with the last failure */
async function insist<T>(step: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    let failure: unknown;
    try {
      const result = await step();
      if (result !== undefined) return result;
    } catch (error) {
      failure = error;
    }
    if (failure instanceof Defect) throw failure;
    if (Date.now() > until) throw new Error(`a buyer gave up: ${String(failure)}`, { cause: failure });
    await pause(AGAIN_MS);
  }
}
