import { validate as isUuid } from 'uuid';
import { CheckoutProvider, PaymentStatus, ProductKind } from '../entities/enums.js';
import { Money } from '../entities/money.js';
import type { ImportedOrder, ImportedPayment } from '../entities/order-importing.js';
import { OrderStatus } from '../entities/order-status.js';
import { isCurrency } from '../entities/shared/currency.js';
import type { OldOrder, OldPayment } from '../persistence/old-orders.js';

/** An old order cannot be taken over as it is; the message says why. */
export class BrokenOrder extends Error {
  override name = 'BrokenOrder';
}

/** Why an order was not imported. */
export interface Listed {
  readonly listed: string;
}

/** A checked order whose courses have no names yet. */
export interface CheckedOrder extends Omit<ImportedOrder, 'items'> {
  readonly items: readonly CheckedItem[];
  readonly idempotencyKey: string | null;
}

export type CheckedItem = Omit<ImportedOrder['items'][number], 'title' | 'instructorId'>;

const S = OrderStatus;
const P = PaymentStatus;

/** `created` was never at rest there either. */
const STATUS = new Map<string | null, OrderStatus>([
  ['created', S.PENDING_PAYMENT],
  ['pending_payment', S.PENDING_PAYMENT],
  ['processing', S.PROCESSING],
  ['succeeded', S.SUCCEEDED],
  ['failed', S.FAILED],
  ['cancelled', S.CANCELLED],
  ['refunded', S.REFUNDED],
  ['expired', S.EXPIRED],
]);
/** A payment that was given back had succeeded before. */
const PAYMENT_STATUS = new Map<string | null, PaymentStatus>([
  ['pending', P.PENDING],
  ['success', P.SUCCEEDED],
  ['refunded', P.SUCCEEDED],
  ['failed', P.FAILED],
  ['expired', P.EXPIRED],
]);
const PROVIDER = new Map<string | null, CheckoutProvider>([
  ['stripe', CheckoutProvider.STRIPE],
  ['paypal', CheckoutProvider.PAYPAL],
  ['razorpay', CheckoutProvider.RAZORPAY],
]);
/** By how many minor units the old service's floats may be off. */
const TOLERANCE = 1n;

/** Checks an order of the old service and puts it into our terms. @throws BrokenOrder */
export function checkOldOrder(old: OldOrder): CheckedOrder {
  const id = uuid(old.id, 'id');
  expect(id === old.id, `id ${old.id} is not in lower case`);
  const status = known(STATUS, old.status, 'status');
  const placedAt = time(old.createdAt, 'created_at');
  const checked = {
    id,
    buyerId: uuid(old.userId, 'user_id'),
    status,
    items: itemsOf(old),
    payment: old.payment && paymentOf(old.payment, placedAt),
    placedAt,
    updatedAt: old.updatedAt === null ? placedAt : time(old.updatedAt, 'updated_at'),
    idempotencyKey: old.idempotencyKey,
  };
  expectAgreement(old);
  return checked;
}

function expect(ok: boolean, reason: string): void {
  if (!ok) throw new BrokenOrder(reason);
}

function uuid(value: string | null, name: string): string {
  if (value === null || !isUuid(value)) throw new BrokenOrder(`${name} ${value} is no UUID`);
  return value.toLowerCase();
}

function known<T>(values: ReadonlyMap<string | null, T>, value: string | null, name: string): T {
  const found = values.get(value);
  if (found === undefined) throw new BrokenOrder(`${name} ${value} is unknown`);
  return found;
}

/** The driver makes numbers of infinite times. */
function time(value: Date | null, name: string): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw new BrokenOrder(`${name} ${value} is no time`);
  return value;
}

function minor(value: number | null, name: string): bigint {
  if (value === null || !Number.isSafeInteger(value) || value < 0)
    throw new BrokenOrder(`${name} ${value} is no whole number of minor units`);
  return BigInt(value);
}

const isFar = (a: bigint, b: bigint): boolean => a - b > TOLERANCE || b - a > TOLERANCE;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

/** The amounts of an order: what was to be paid, and the list prices together. */
function amountsOf(old: OldOrder): { total: bigint; subtotal: bigint } {
  const total = minor(old.amount, 'amount');
  const subtotal = minor(old.subTotal, 'sub_total');
  expect(minor(old.salesTax ?? 0, 'sales_tax') === 0n, `sales_tax ${old.salesTax} was never charged`);
  const discount = old.discount === null ? subtotal - total : minor(old.discount, 'discount');
  const isOff = discount < 0n || isFar(subtotal - discount, total);
  expect(!isOff, `sub_total ${subtotal} less discount ${discount} is not amount ${total}`);
  return { total, subtotal: subtotal < total ? total : subtotal };
}

/**
 * One item a course, so that a course which was twice in the cart costs twice. Their list prices were not kept: the
 * discount of the order is spread over them.
 */
function itemsOf(old: OldOrder): CheckedItem[] {
  const { currency } = old;
  if (currency === null || !isCurrency(currency)) throw new BrokenOrder(`currency ${currency} is unknown`);
  const { total, subtotal } = amountsOf(old);
  expect(old.items.length > 0, 'it has no items');
  const rows = old.items.map(({ id, courseId, price }) => ({
    id: uuid(id, 'order_items.id'),
    courseId: uuid(courseId, 'order_items.course_id'),
    price: minor(price, 'order_items.price'),
  }));
  const items = [...Map.groupBy(rows, ({ courseId }) => courseId).values()].flatMap(([first, ...rest]) =>
    first ? { ...first, price: sum([first, ...rest].map(({ price }) => price)) } : [],
  );
  const prices = exactPrices(
    items.map(({ price }) => price),
    total,
  );
  const discounts = new Money(subtotal - total, currency).allocate(prices);
  return items.map(({ id, courseId }, i) => {
    const price = new Money(prices[i] ?? 0n, currency);
    const listPrice = price.plus(discounts[i] ?? Money.zero(currency));
    return { id, kind: ProductKind.COURSE, productId: courseId, listPrice, price };
  });
}

/** Prices that add up to the total exactly: the dearest takes what the floats were off. */
function exactPrices(prices: readonly bigint[], total: bigint): bigint[] {
  const all = sum(prices);
  expect(!isFar(all, total), `the items add up to ${all}, not to amount ${total}`);
  const dearest = prices.reduce((best, price, i) => (price > (prices[best] ?? 0n) ? i : best), 0);
  return prices.map((price, i) => (i === dearest ? price + total - all : price));
}

function paymentOf(old: OldPayment, placedAt: Date): ImportedPayment {
  if (!old.paymentId) throw new BrokenOrder('its payment has no payment_id');
  return {
    paymentId: old.paymentId,
    provider: known(PROVIDER, old.provider, 'provider'),
    providerOrderId: old.providerOrderId || null,
    state: known(PAYMENT_STATUS, old.status, 'payment_status'),
    at: old.updatedAt === null ? placedAt : time(old.updatedAt, 'payment_details.updated_at'),
  };
}

/**
 * A restore made every order payable again and kept its payment: then only a person can tell what was paid. An order that
 * was given back needs the payment whose money went back.
 */
function expectAgreement({ status, amount, payment }: OldOrder): void {
  const paid = { succeeded: ['success'], refunded: ['success', 'refunded'] }[status ?? ''];
  const told = payment?.status ?? '';
  const agrees = paid ? !payment || paid.includes(told) : told !== 'success' && told !== 'refunded';
  expect(agrees, `status ${status} contradicts payment_status ${told}`);
  expect(status !== 'refunded' || (payment !== null && amount !== 0), 'status refunded without money that was paid');
}
