import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCancelOrder } from '../../../src/commands/cancel-order.js';
import { createCancelSessionBooking } from '../../../src/commands/cancel-session-booking.js';
import { createRequestRefund } from '../../../src/commands/request-refund.js';
import { createRestoreOrder } from '../../../src/commands/restore-order.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import type { Order } from '../../../src/entities/order.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';

const STRANGER = { userId: idOf('a stranger'), isOperator: false };
const NOBODYS = idOf('no order at all');
let stand: OrderStand;
let order: Order;
let bookingId: string;

beforeAll(async () => {
  stand = await openOrderStand();
  order = await placeFor(stand, 'the buyer', 'algebra');
  const sessionId = stand.neighbours.addSession('a session');
  const booked = await stand.bookSession(order.buyerId, { sessionId, idempotencyKey: null });
  if (!('booking' in booked)) throw new Error(booked.message);
  bookingId = booked.booking.id;
});
afterAll(() => stand.close());

const fixed = { note: null, expectedVersion: null, idempotencyKey: null, couponCode: null };
const COMMANDS: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  cancelOrder: (orderId) => createCancelOrder(stand.env)(STRANGER, { orderId, ...fixed }),
  restoreOrder: (orderId) => createRestoreOrder(stand.env)(STRANGER, { orderId, ...fixed }),
  requestRefund: (orderId) => createRequestRefund(stand.env)(STRANGER, { orderId, itemIds: null, ...fixed }),
  startPayment: (orderId) =>
    stand.startPayment(STRANGER, {
      orderId,
      provider: CheckoutProvider.STRIPE,
      successUrl: null,
      cancelUrl: null,
      ...fixed,
    }),
  confirmPayment: (orderId) => stand.confirmPayment(STRANGER, { orderId, paymentId: 'p', razorpay: null, ...fixed }),
  cancelPayment: (orderId) => stand.cancelPayment(STRANGER, { orderId, paymentId: 'p' }),
};

/** The statements of a command, with ids made equal. */
async function statementsOf(command: () => Promise<unknown>): Promise<string[]> {
  stand.proxy.takeStatements();
  expect(await command()).toMatchObject({ code: 'NOT_FOUND' });
  return stand.proxy.takeStatements().map((sql) => sql.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id'));
}

describe("given an order of somebody else and one that does not exist, then a stranger's command takes the same work", () => {
  test.each(Object.keys(COMMANDS))('%s', async (name) => {
    const command = COMMANDS[name] as (typeof COMMANDS)[string];
    await command(NOBODYS);
    const before = await stand.counts();
    const [foreign, missing] = [
      await statementsOf(() => command(order.id)),
      await statementsOf(() => command(NOBODYS)),
    ];
    expect(foreign.length).toBeGreaterThan(0);
    expect(foreign).toEqual(missing);
    expect(await stand.counts()).toEqual(before);
  });

  test('cancelSessionBooking', async () => {
    const cancel = (id: string) => createCancelSessionBooking(stand.env)(STRANGER, { bookingId: id, ...fixed });
    expect(await statementsOf(() => cancel(bookingId))).toEqual(await statementsOf(() => cancel(NOBODYS)));
  });
});
