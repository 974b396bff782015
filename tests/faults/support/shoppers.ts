import { createChannel, createClient, ClientError, Status, type Metadata } from 'nice-grpc';
import { generatedStudentIds } from '../../../dev/sample/generated-sample.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { OrderServiceDefinition } from '../../../src/generated/order_service.js';
import { COURSES } from './buyers.js';
import { askReplica, type Replica } from './replica.js';
import { SITE_SECRET } from './secrets.js';

const ERROR = '... on UserError { code } ... on ServiceUnavailable { service }';
const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on PlaceOrderSuccess { order { id } } ${ERROR} } }`;
const START = `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { ... on StartPaymentSuccess { payment { id } } ${ERROR} } }`;
const SHOW = `query ($id: ID!) { order(id: $id) { id status items { id } } }`;
const TOKEN_SECONDS = 3_600;

/** A student and a course that the student does not have. */
export interface Wish {
  readonly userId: string;
  readonly courseId: string;
}

/** An order that was accepted, and whose it is. */
export interface Placed {
  readonly orderId: string;
  readonly userId: string;
}

interface Refusal {
  readonly code?: string;
  readonly service?: string;
}

/**
 * Many students, each of whom may want each course once. Every call is made once and tells what came of it: `OK`, or the code
 * of the refusal with the service that was named.
 */
export class Shoppers {
  /** Orders that were accepted, in all. */
  readonly placed: Placed[] = [];
  /** Orders by what came of their last call for a payment; nobody calls for the same one at the same time. */
  #unpaid: Placed[] = [];
  #paying: Placed[] = [];
  #shown = 0;
  readonly #replica: Replica;
  readonly #wishes: Wish[];
  readonly #channel;
  readonly #orders;

  constructor(replica: Replica, students: number) {
    this.#replica = replica;
    const ids = generatedStudentIds(students);
    this.#wishes = COURSES.flatMap((courseId) => ids.map((userId) => ({ userId, courseId })));
    this.#channel = createChannel(`127.0.0.1:${replica.grpcPort}`);
    this.#orders = createClient(OrderServiceDefinition, this.#channel);
  }

  /** Places an order over HTTP; a wish that is not named is one of nobody else's. */
  place(wish?: Wish): Promise<string> {
    return wish ? this.#placeOverHttp(wish) : this.#withWish((next) => this.#placeOverHttp(next));
  }

  placeOverGrpc(): Promise<string> {
    return this.#withWish((wish) => this.#placeOverGrpc(wish));
  }

  /** From now on only later orders are paid. @returns an order that is left to the caller */
  async comeAnew(): Promise<Placed> {
    [this.#unpaid, this.#paying] = [[], []];
    const outcome = await this.place();
    const order = this.#unpaid.pop();
    if (!order) throw new Error(`an order was not placed: ${outcome}`);
    return order;
  }

  /** Starts the payment of an order that has none, if there is such an order; else one is started again. */
  async startNextPayment(): Promise<string> {
    const order = this.#unpaid.shift() ?? this.#paying.shift();
    if (!order) throw new Error('there is no order to pay');
    const outcome = await this.startPayment(order);
    (outcome === 'OK' ? this.#paying : this.#unpaid).push(order);
    return outcome;
  }

  async startPayment({ orderId, userId }: Placed): Promise<string> {
    const input = { orderId, provider: 'STRIPE' };
    const { startPayment } = await this.#ask<{ startPayment: Refusal }>(userId, START, { input });
    return outcomeOf(startPayment);
  }

  async showNext(): Promise<string> {
    const { orderId, userId } = this.placed[this.#shown++ % this.placed.length] as Placed;
    const { order } = await this.#ask<{ order: { id: string; items: unknown[] } }>(userId, SHOW, { id: orderId });
    return order.id === orderId && order.items.length === 1 ? 'OK' : 'ANOTHER ORDER';
  }

  async healthz(): Promise<string> {
    const answer = await fetch(`${this.#replica.url}/healthz`);
    await answer.text();
    return answer.ok ? 'OK' : String(answer.status);
  }

  close(): void {
    this.#channel.close();
  }

  /** A wish that was not fulfilled is another caller's later. */
  async #withWish(place: (wish: Wish) => Promise<string>): Promise<string> {
    const wish = this.#wishes.shift();
    if (!wish) throw new Error('all students have all courses');
    const outcome = await place(wish);
    if (outcome !== 'OK') this.#wishes.push(wish);
    return outcome;
  }

  async #placeOverHttp({ userId, courseId }: Wish): Promise<string> {
    const input = { courseIds: [courseId] };
    const { placeOrder } = await this.#ask<{ placeOrder: Refusal & { order?: { id: string } } }>(userId, PLACE, {
      input,
    });
    if (placeOrder.order) this.#keep({ orderId: placeOrder.order.id, userId });
    return outcomeOf(placeOrder);
  }

  async #placeOverGrpc({ userId, courseId }: Wish): Promise<string> {
    let trailer: Metadata | undefined;
    try {
      const request = { userId, courseIds: [courseId] };
      const { result } = await this.#orders.placeOrder(request, { onTrailer: (last) => (trailer = last) });
      const orderId = result?.$case === 'success' ? result.value.order?.id : undefined;
      if (!orderId) return 'NO ORDER';
      this.#keep({ orderId, userId });
      return 'OK';
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return `${Status[error.code]} ${trailer?.get('reason')} ${/the (\w+) service/i.exec(error.details)?.[1]}`;
    }
  }

  #keep(order: Placed): void {
    this.placed.push(order);
    this.#unpaid.push(order);
  }

  async #ask<T>(userId: string, query: string, variables: object): Promise<T> {
    const token = await signToken({ userId, roles: ['student'], ttlSeconds: TOKEN_SECONDS, secret: SITE_SECRET });
    const { data, errors } = await askReplica(this.#replica, token, query, variables);
    if (errors) throw new Error(`the graph failed: ${JSON.stringify(errors)}`);
    return data;
  }
}

const outcomeOf = ({ code, service }: Refusal): string => (code ? [code, service].filter(Boolean).join(' ') : 'OK');
