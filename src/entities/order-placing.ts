import type { BookingActor } from './booking-life.js';
import { EventActor, FulfilmentStatus, ProductKind } from './enums.js';
import { Money } from './money.js';
import { OrderClaim } from './order-claim.js';
import { OrderEventType } from './order-event.js';
import { OrderItem } from './order-item.js';
import { recordRevenue } from './order-revenue.js';
import { confirmSeat } from './order-seat.js';
import { OrderStatus } from './order-status.js';
import { Order } from './order.js';
import { PurchaseStep } from './saga-steps.js';
import { SagaKind } from './saga.js';

/** One priced product of a cart. */
export interface PricedItem {
  readonly kind: ProductKind;
  readonly productId: string;
  readonly title: string;
  readonly instructorId: string | null;
  readonly listPrice: Money;
  /** What is to be paid: list price less every discount, tax included. */
  readonly price: Money;
}

export interface Placement {
  /** Made before the unit of work and the same in every retry. */
  readonly id: string;
  readonly number: string;
  readonly itemIds: readonly string[];
  readonly buyerId: string;
  readonly items: readonly PricedItem[];
  readonly couponCode: string | null;
  /** Who places it; the buyer where absent. */
  readonly by?: BookingActor;
  readonly now: Date;
  readonly payableUntil: Date;
}

/**
 * Places an order: payable until its deadline, or already paid when the total is zero.
 * All items must be of one currency and not empty; the command has checked it.
 */
export function placeOrder(placement: Placement): Order {
  const order = newOrder(placement);
  placement.items.forEach((priced, position) => {
    const itemId = placement.itemIds[position];
    if (itemId === undefined) throw new RangeError(`no id was made for item ${position}`);
    order.itemRows.add(newItem(order, itemId, priced, position));
  });
  claimProducts(order, placement.now);
  const by = placement.by ?? { actor: EventActor.BUYER, byId: placement.buyerId };
  order.record(OrderEventType.PLACED, { ...by, to: OrderStatus.PENDING_PAYMENT }, placement.now);
  if (order.totalMinor === 0n) completeWithoutPayment(order, placement.now);
  return order;
}

function newOrder({ id, number, items, buyerId, couponCode, now, payableUntil }: Placement): Order {
  return Object.assign(new Order(), totalsOf(items), {
    id,
    number,
    status: OrderStatus.CREATED,
    statusReason: null,
    statusNote: null,
    fulfilment: FulfilmentStatus.NOT_STARTED,
    buyerId,
    couponCode,
    sessionId: items.find(({ kind }) => kind === ProductKind.SESSION)?.productId ?? null,
    capturedMinor: 0n,
    refundedMinor: 0n,
    revision: 1,
    placedAt: now,
    payableUntil,
    expiresAt: payableUntil,
    paidAt: null,
    updatedAt: now,
    version: 0,
  });
}

/** The amounts of an order from its items: the prices add up to the total exactly. @throws RangeError for no items */
export function totalsOf(items: readonly Pick<PricedItem, 'listPrice' | 'price'>[]) {
  const [first] = items;
  if (!first) throw new RangeError('an order without items has no total');
  const { currency } = first.price;
  const sum = (of: (item: Pick<PricedItem, 'listPrice' | 'price'>) => Money) =>
    items.reduce((money, item) => money.plus(of(item)), Money.zero(currency));
  const subtotal = sum((item) => item.listPrice);
  const total = sum((item) => item.price);
  const discountMinor = subtotal.minus(total).minor;
  return { currency, subtotalMinor: subtotal.minor, discountMinor, taxMinor: 0n, totalMinor: total.minor };
}

/** A snapshot of a product at its price, for the order's present revision. */
export function newItem(order: Order, id: string, priced: PricedItem, position: number): OrderItem {
  return Object.assign(new OrderItem(), {
    id,
    order,
    revision: order.revision,
    position,
    kind: priced.kind,
    productId: priced.productId,
    title: priced.title,
    instructorId: priced.instructorId,
    listPriceMinor: priced.listPrice.minor,
    discountMinor: priced.listPrice.minus(priced.price).minor,
    priceMinor: priced.price.minor,
    currency: priced.price.currency,
    fulfilment: FulfilmentStatus.NOT_STARTED,
  });
}

function newClaim(order: Order, { kind, productId }: Pick<PricedItem, 'kind' | 'productId'>, now: Date): OrderClaim {
  return Object.assign(new OrderClaim(), { buyerId: order.buyerId, kind, productId, order, claimedAt: now });
}

/**
 * Takes the courses of an order for its buyer: when it is placed, and again after it had ended unpaid. A seat is held by
 * its booking.
 */
export function claimProducts(order: Order, now: Date): void {
  const courses = order.currentItems.filter(({ kind }) => kind === ProductKind.COURSE);
  // In one order everywhere, so that two carts with the same products wait for each other instead of dying in a deadlock.
  const items = courses.sort((a, b) => (a.productId < b.productId ? -1 : 1));
  for (const item of items) order.claims.add(newClaim(order, item, now));
}

/** An order that costs nothing is paid at once. */
export function completeWithoutPayment(order: Order, now: Date): void {
  order.paidAt = now;
  order.expiresAt = null;
  startFulfilment(order, now);
  recordRevenue(order, { orders: 1, gross: 0n, refunded: 0n });
  order.record(OrderEventType.SUCCEEDED, { actor: EventActor.SYSTEM, to: OrderStatus.SUCCEEDED }, now);
}

/**
 * Marks every course as awaited, unless it was delivered before the news of its payment, and lets the purchase saga follow
 * the order. A seat is delivered by its booking, at once: there is nothing to follow.
 */
export function startFulfilment(order: Order, now: Date): void {
  order.fulfilment = FulfilmentStatus.IN_PROGRESS;
  if (order.sessionId) confirmSeat(order, now);
  for (const item of order.currentItems) {
    if (item.fulfilment !== FulfilmentStatus.FULFILLED) item.fulfilment = FulfilmentStatus.IN_PROGRESS;
  }
  if (order.currentItems.every(({ kind }) => kind === ProductKind.SESSION)) return;
  order.startSaga({ kind: SagaKind.PURCHASE, step: PurchaseStep.AWAIT_ENROLMENT, subjectId: null, dueAt: now });
}
