import type { OrderPartName, OrderParts } from '../../entities/order/order-parts.js';
import type { OrderRefund } from '../../entities/order-refund.js';
import type { Order } from '../../entities/order.js';
import type { SessionBooking } from '../../entities/session-booking.js';
import { NOTHING_SELECTED, type SelectedParts } from '../../schema/shared/selected-parts.js';

/**
 * What one operation has read of orders. Whichever way it meets an order again, it shows the one that it has read first,
 * with the parts that were read in the same statement: one answer has one version of each order.
 */
export class OperationSnapshots {
  readonly #orders = new Map<string, Order>();
  readonly #bookings = new Map<string, SessionBooking>();
  #selected: SelectedParts = NOTHING_SELECTED;

  /** To be called before anything is read. */
  plan(selected: SelectedParts): void {
    this.#selected = selected;
  }

  /** The parts that are read with every order. */
  get parts(): readonly OrderPartName[] {
    return this.#selected.parts;
  }

  /** The parts of the order that is read with everything that refers to one; null where the operation shows no order. */
  get withOrder(): readonly OrderPartName[] | null {
    return this.#selected.orders ? this.#selected.parts : null;
  }

  order(id: string): Order | undefined {
    return this.#orders.get(id);
  }

  /** The parts of an order that the operation has read; undefined where they must be read yet. */
  partsOf(orderId: string): Partial<OrderParts> | undefined {
    return this.#orders.get(orderId)?.parts;
  }

  /** @returns the order as the operation has read it first */
  keepOrder(order: Order): Order {
    const known = this.#orders.get(order.id);
    if (known) return known;
    this.#orders.set(order.id, order);
    for (const booking of order.parts?.bookings ?? []) this.#bookings.set(booking.id, booking);
    return order;
  }

  /** Keeps the order that was read with something that refers to it. @returns what refers to it */
  keepOrderOf<T extends { orderSnapshot?: Order }>(one: T): T {
    if (one.orderSnapshot) this.keepOrder(one.orderSnapshot);
    return one;
  }

  /** @returns the booking as it was when its order was read, else as the operation has read it first */
  keepBooking(booking: SessionBooking): SessionBooking {
    this.keepOrderOf(booking);
    const known = this.#bookings.get(booking.id);
    if (known) return known;
    this.#bookings.set(booking.id, booking);
    return booking;
  }

  /** @returns the refund as it was when its order was read */
  keepRefund(refund: OrderRefund): OrderRefund {
    this.keepOrderOf(refund);
    return this.partsOf(refund.orderId)?.refunds?.find(({ id }) => id === refund.id) ?? refund;
  }
}
