import { createCancelSessionBooking } from '../../../src/commands/cancel-session-booking.js';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { recordRefunds } from '../../../src/commands/record-refunds.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import type { Hints } from '../../../src/subscriptions/hints.js';
import { idOf } from '../../support/ids.js';
import { cartOf, openOrderStand, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { present } from '../../support/present.js';

/** Asks the graph for a refund of one item, as an operator. */
export type AskForRefund = (orderId: string, itemIds: readonly string[]) => Promise<void>;

export const BUYERS = ['asha', 'bela', 'chitra', 'dev'];

/** How often each kind of change was made. */
export interface Written {
  placed: number;
  paid: number;
  refunded: number;
  refundsFailed: number;
  booked: number;
  seatsGivenBack: number;
}

/** Orders that change without a pause, each buyer's one after the other. */
export interface ChangingOrders {
  readonly stand: OrderStand;
  /** The orders and bookings that changed last, the newest first. */
  readonly recent: { readonly orders: string[]; readonly bookings: string[] };
  /** Places and pays an order of two courses. @returns its id and those of its items */
  buy(buyer: string, name: string): Promise<{ id: string; items: readonly string[] }>;
  /** Begins to change orders, until `stop`. */
  run(hints: Hints, askForRefund: AskForRefund): void;
  /** Resolves when the changes under way have ended. */
  stop(): Promise<Written>;
  close(): Promise<void>;
}

const KEPT = 12;

export async function openChangingOrders(): Promise<ChangingOrders> {
  const stand = await openOrderStand();
  const process = await stand.newProcess({ clock: { now: () => new Date() } });
  const recent = { orders: [] as string[], bookings: [] as string[] };
  const written: Written = { placed: 0, paid: 0, refunded: 0, refundsFailed: 0, booked: 0, seatsGivenBack: 0 };
  let running: Promise<unknown> = Promise.resolve();
  let stopping = false;
  const remember = (list: string[], id: string) => {
    list.unshift(id);
    list.splice(KEPT);
  };

  async function live(buyer: string, askForRefund: AskForRefund, announce: () => void): Promise<void> {
    for (let n = 0; !stopping; n++) {
      await (n % 2 ? bookAndGiveBack(buyer, n, announce) : buyAndReturn(buyer, n, askForRefund, announce));
    }
  }

  async function buy(buyer: string, name: string, announce: () => void = () => undefined) {
    const courseIds = cartOf(stand, `${buyer} ${name} a`, `${buyer} ${name} b`);
    const placed = await process.placeOrder(idOf(buyer), { courseIds, couponCode: null, idempotencyKey: null });
    if (!('order' in placed)) throw new Error(placed.message);
    const { id } = placed.order;
    remember(recent.orders, id);
    written.placed += 1;
    announce();
    await pay(process, id, 'initiated');
    await pay(process, id, 'succeeded');
    written.paid += 1;
    announce();
    return { id, items: (await stand.load(id)).currentItems.map((item) => item.id) };
  }

  async function buyAndReturn(buyer: string, n: number, askForRefund: AskForRefund, announce: () => void) {
    const { id, items } = await buy(buyer, String(n), announce);
    await askForRefund(id, items.slice(0, 1));
    await settle(process, id, 'one', true);
    await askForRefund(id, items.slice(1));
    await settle(process, id, 'two', false);
    announce();
    await askForRefund(id, items.slice(1));
    await settle(process, id, 'three', true);
    written.refunded += 2;
    written.refundsFailed += 1;
    announce();
  }

  async function bookAndGiveBack(buyer: string, n: number, announce: () => void) {
    const sessionId = stand.neighbours.addSession(`${buyer} ${n}`, { startsAt: new Date(Date.now() + 10 ** 9) });
    const booked = await process.bookSession(idOf(buyer), { sessionId, idempotencyKey: null });
    if (!('replayed' in booked)) throw new Error(booked.message);
    const orderId = present(booked.booking.orderId);
    remember(recent.bookings, booked.booking.id);
    remember(recent.orders, orderId);
    written.booked += 1;
    announce();
    if (n % 4 === 1) await pay(process, orderId, 'succeeded');
    const actor = { userId: idOf(buyer), isOperator: false };
    const input = { bookingId: booked.booking.id, note: null, expectedVersion: null };
    const cancelled = await createCancelSessionBooking(process.env)(actor, input);
    if ('code' in cancelled) throw new Error(cancelled.message);
    written.seatsGivenBack += 1;
    announce();
    if (n % 4 === 1) await settle(process, orderId, 'seat', true);
    announce();
  }

  return {
    stand,
    recent,
    buy: (buyer, name) => buy(buyer, name),
    run(hints, askForRefund) {
      const announce = () => {
        for (const { id, buyerId, version } of stand.commits.splice(0)) {
          hints.publish(`order:${id}`, { aggregateId: id, version });
          hints.publish(`orders-of:${buyerId}`, { aggregateId: id, version });
        }
      };
      running = Promise.all(BUYERS.map((buyer) => live(buyer, askForRefund, announce)));
      // Awaited by `stop`; until then a failure must not end the process.
      running.catch(() => undefined);
    },
    async stop() {
      stopping = true;
      await running;
      return written;
    },
    close: () => stand.close(),
  };
}

async function pay({ env }: TestProcess, orderId: string, kind: PaymentFactKind): Promise<void> {
  const fact = paymentFact(kind, `payment of ${orderId}`, env.clock.now());
  await recordPayments(env, [{ orderId, fact, inbox: { topic: kind, eventKey: fact.paymentId } }]);
}

async function settle({ env }: TestProcess, orderId: string, name: string, isSucceeded: boolean): Promise<void> {
  const eventId = idOf(`refund ${name} of ${orderId}`);
  const fixed = { refundId: null, amount: null, succeeded: isSucceeded, eventId };
  const inbox = { topic: 'payment.order.refunded.v1', eventKey: eventId };
  const [outcome] = await recordRefunds(env, [{ orderId, paymentId: `payment of ${orderId}`, inbox, ...fixed }]);
  if (outcome !== 'applied') throw new Error(`refund ${name}: ${JSON.stringify(outcome)}`);
}
