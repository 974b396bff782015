import 'reflect-metadata';
import { correctRevenue } from '../commands/correct-revenue.js';
import { correctSeats } from '../commands/correct-seats.js';
import type { Fork } from '../persistence/orm.js';
import { revenueDifferences } from '../queries/revenue-check.js';
import { lostBookings, seatDifferences, type LostBooking } from '../queries/seat-check.js';
import { withDatabase } from './database.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `npm run check`, or `node dist/cli/check.js`: proves the counted revenue by the orders, the counted seats by the bookings, and
 * that no booking is without its order; `-- --rebuild` makes what is counted right.
 */
await withDatabase(async (fork) => {
  if (process.argv.includes('--rebuild')) {
    await correctRevenue(fork);
    await correctSeats(fork);
  }
  const wrongs = [await checkRevenue(fork), await checkSeats(fork), await checkBookings(fork)];
  if (wrongs.some((count) => count > 0)) process.exitCode = 1;
});

async function checkRevenue(fork: Fork): Promise<number> {
  const differences = await revenueDifferences(fork);
  for (const { day, currency, counted, actual } of differences) {
    say(`${day} ${currency}: counted ${counted}, orders say ${actual} (orders/gross/refunded)`);
  }
  say(`revenue: ${differences.length} days differ`);
  return differences.length;
}

async function checkSeats(fork: Fork): Promise<number> {
  const differences = await seatDifferences(fork);
  for (const { sessionId, counted, actual } of differences) {
    say(`session ${sessionId}: counted ${counted}, bookings and line say ${actual} (taken/waiting)`);
  }
  say(`seats: ${differences.length} sessions differ`);
  return differences.length;
}

async function checkBookings(fork: Fork): Promise<number> {
  const lost = await lostBookings(fork);
  for (const one of lost) say(sayOf(one));
  say(`bookings: ${lost.length} without their order`);
  return lost.length;
}

function sayOf({ bookingId, orderId, orderStatus }: LostBooking): string {
  if (bookingId === null) return `order ${orderId}: ${orderStatus}, but nobody has the seat and no money goes back`;
  return `booking ${bookingId}: waits to be paid by ${orderId ? `order ${orderId}, which is ${orderStatus}` : 'no order'}`;
}
