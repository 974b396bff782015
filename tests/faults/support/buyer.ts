import { Caller, insist, type Who } from './caller.js';
import type { Replica } from './replica.js';
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

interface Shown {
  readonly status: string;
  readonly fulfilment: string;
  readonly refunds: readonly { readonly id: string; readonly status: string }[];
}

export interface BuyerOptions extends Who {
  readonly courseId: string;
}

/** A buyer of one course who repeats every step, under the same key, until it is answered. */
export class Buyer {
  readonly #site: Site;
  readonly #caller: Caller;
  readonly #userId: string;
  readonly #courseId: string;

  constructor(site: Site, replicas: readonly Replica[], who: BuyerOptions) {
    this.#site = site;
    this.#caller = new Caller(replicas, who);
    this.#userId = who.userId;
    this.#courseId = who.courseId;
  }

  /** @returns the order's id */
  place(): Promise<string> {
    const input = { courseIds: [this.#courseId], idempotencyKey: `${this.#userId}-${this.#courseId}` };
    return insist(async () => {
      const { placeOrder } = await this.#caller.ask<{ placeOrder: { order?: { id: string } } }>(QUERIES.place, {
        input,
      });
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
    return this.#until(orderId, 'CANCELLED', () => this.#caller.ask(QUERIES.cancel, { input: { orderId } }));
  }

  restore(orderId: string): Promise<void> {
    return this.#until(orderId, 'PENDING_PAYMENT', () => this.#caller.ask(QUERIES.restore, { input: { orderId } }));
  }

  /** Waits for the delivery, asks for the money back, and lets the payment service give it. */
  async giveBack(orderId: string): Promise<void> {
    await insist(async () => ((await this.#show(orderId)).fulfilment === 'FULFILLED' ? true : undefined));
    const input = { orderId, idempotencyKey: `refund-${orderId}` };
    await this.#until(orderId, 'REFUNDED', async ({ refunds }) => {
      if (refunds.length === 0) await this.#caller.ask(QUERIES.refund, { input });
      for (const { id } of refunds) await this.#press(`refunds/${id}/settle`);
    });
  }

  /** @returns the session on the payment page, if a payment could be started */
  async #startPayment(orderId: string): Promise<string | undefined> {
    const input = { orderId, provider: 'STRIPE' };
    const { startPayment } = await this.#caller.ask<{ startPayment: { session?: { sessionId: string } } }>(
      QUERIES.start,
      {
        input,
      },
    );
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
    return (await this.#caller.ask<{ order: Shown }>(QUERIES.show, { id })).order;
  }

  /** The buyer's access token. */
  token(): Promise<string> {
    return this.#caller.token();
  }

  async #press(path: string): Promise<void> {
    await fetch(`${this.#site.neighbours.pageUrl}/${path}`, { method: 'POST' });
  }
}
