import type { OrderData } from '../../../src/generated/order_service.js';
import { InBandError } from './in-band.js';

const PAYABLE = ['created', 'processing', 'pending', 'pending_payment'];
const CURRENCIES = ['USD', 'EUR', 'GBP', 'INR'];
const TOLERANCE = 1;

function refuse(message: string): never {
  throw new InBandError('BadRequestException', message);
}

/**
 * The checks that an order passes before a payment is made for it.
 * @returns what is to be paid, in minor units
 * @throws InBandError BadRequestException; TypeError (no items), RangeError (fraction of a minor unit) as on the platform
 */
export function payableAmount(order: OrderData): { amount: bigint; currency: string } {
  const { total = 0, currency = '' } = order.amount ?? {};
  if (!PAYABLE.includes(order.status)) refuse(`Order is ${order.status} and cannot be paid`);
  // Its loader leaves an empty list undefined, and the code goes over it unchecked.
  if (order.items.length === 0) throw new TypeError("Cannot read properties of undefined (reading 'map')");
  if (!CURRENCIES.includes(currency)) refuse(`Unsupported currency ${currency}`);
  const sum = order.items.reduce((subtotal, { price }) => subtotal + price, 0);
  if (Math.abs(sum - total) > TOLERANCE) refuse(`Items sum up to ${sum}, but the order's total is ${total}`);
  if (total <= 0) refuse('Amount must be greater than zero');
  return { amount: BigInt(total), currency };
}
