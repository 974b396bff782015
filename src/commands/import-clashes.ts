import { holdsProducts } from '../entities/order-importing.js';
import type { Fork } from '../persistence/orm.js';
import type { CheckedOrder, Listed } from './check-old-order.js';

/** What imported orders may hold only once: a course of a buyer, and a payment. Knows who has what, stored or to be. */
export class ImportClashes {
  readonly #fork: Fork;
  /** Order by buyer and course, and by payment. */
  readonly #claims = new Map<string, string>();
  readonly #payments = new Map<string, string>();

  constructor(fork: Fork) {
    this.#fork = fork;
  }

  /** Reads what is stored about the buyers and payments of these orders. */
  async load(orders: readonly CheckedOrder[]): Promise<void> {
    const buyers = [...new Set(orders.map(({ buyerId }) => buyerId))];
    const claims = `select concat_ws(' ', buyer_id, product_id) as what, order_id from order_claims
      where kind = 'COURSE' and buyer_id in (?)`;
    await this.#read(this.#claims, claims, buyers);
    const paymentIds = orders.flatMap(({ payment }) => payment?.paymentId ?? []);
    const payments = 'select payment_id as what, order_id from payment_attempts where payment_id in (?)';
    await this.#read(this.#payments, payments, paymentIds);
  }

  async #read(into: Map<string, string>, sql: string, of: readonly string[]): Promise<void> {
    if (of.length === 0) return;
    const rows = await this.#fork().execute<{ what: string; order_id: string }[]>(sql, [of]);
    for (const { what, order_id } of rows) into.set(what, order_id);
  }

  /** Takes what an order holds. @returns why it cannot be had; then nothing is taken */
  take({ id, buyerId, status, items, payment }: CheckedOrder): Listed | undefined {
    const courses = holdsProducts(status) ? items.map(({ productId }) => productId) : [];
    for (const course of courses) {
      const holder = this.#claims.get(`${buyerId} ${course}`);
      if (holder) return { listed: `its buyer has course ${course} in order ${holder}, which is open or paid` };
    }
    const owner = payment && this.#payments.get(payment.paymentId);
    if (owner) return { listed: `its payment ${payment.paymentId} is of order ${owner}` };
    for (const course of courses) this.#claims.set(`${buyerId} ${course}`, id);
    if (payment) this.#payments.set(payment.paymentId, id);
    return undefined;
  }
}
