import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SessionBookingEvent } from '../../../src/entities/booking-event.js';
import type { SessionBooking } from '../../../src/entities/session-booking.js';
import { createBookingReads } from '../../../src/queries/booking-reads.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import type { Change } from '../../../src/subscriptions/change.js';
import { LiveStreams } from '../../../src/subscriptions/live-streams.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { FREE, sessionCommands } from '../sessions/session-stand.js';

type BookingChange = Change<SessionBooking, SessionBookingEvent>;

let stand: OrderStand;
let act: ReturnType<typeof sessionCommands>;
let streams: LiveStreams;
let count = 0;
const hints = createMemoryHints();
const expiresAt = new Date(Date.now() + 3_600_000);

beforeAll(async () => {
  stand = await openOrderStand();
  act = sessionCommands(stand);
  const reads = {
    orders: createOrderReads(stand.orm, stand.fork),
    bookings: createBookingReads(stand.orm, stand.fork),
  };
  streams = new LiveStreams(reads, { hints, clock: stand.clock, log: testLog() });
});
afterAll(async () => {
  await streams.close();
  await hints.close();
  await stand.close();
});

async function booked(name: string, changes = {}): Promise<SessionBooking> {
  const sessionId = stand.neighbours.addSession(`stream ${count++}`, changes);
  const outcome = await act.book(name, sessionId);
  if (!('replayed' in outcome)) throw new Error(outcome.message);
  return outcome.booking;
}

/** Sends the hints of what was committed since the last call. */
function announce(): void {
  const changed = stand.bookingCommits.splice(0);
  streams.bookings.announce(changed.map(({ id, attendeeId, version }) => ({ id, ownerId: attendeeId, version })));
}

const inShort = ({ aggregate, event, ends }: BookingChange) =>
  `${event ? `${event.version} ${event.from}→${event.to}` : `snapshot ${aggregate.status}`}${ends ? `, ${ends}` : ''}`;

/** All messages until the stream ends by itself. */
async function all(stream: AsyncIterableIterator<BookingChange>): Promise<string[]> {
  const seen: string[] = [];
  for await (const change of stream) seen.push(inShort(change));
  return seen;
}

describe('a booking followed live', () => {
  test('from its beginning: every event, contiguous, until it has ended', async () => {
    const booking = await booked('asha');
    const stream = streams.bookings.follow(booking, 0, { userId: booking.attendeeId, expiresAt });
    const seen = all(stream);
    await act.tell(booking.orderId ?? '', 'succeeded');
    announce();
    await act.cancel('asha', booking.id);
    announce();
    expect(await seen).toEqual(['1 null→PENDING', '2 PENDING→CONFIRMED', '3 CONFIRMED→CANCELLED, COMPLETE']);
  });

  test('one that has ended: its present state, and the end', async () => {
    const booking = await booked('asha', { price: FREE });
    await act.cancel('asha', booking.id);
    const present = streams.bookings.follow(booking, null, { userId: booking.attendeeId, expiresAt });
    expect(await all(present)).toEqual(['snapshot CANCELLED, COMPLETE']);
    const resumed = streams.bookings.follow(booking, 3, { userId: booking.attendeeId, expiresAt });
    expect(await all(resumed)).toEqual(['snapshot CANCELLED, COMPLETE']);
  });
});

describe('all bookings of a viewer followed live', () => {
  test('those that come later too, nobody else’s, also one got by waiting', async () => {
    const own = streams.bookings.followOwn(null, { userId: idOf('viewer'), expiresAt });
    const first = own.next();
    const booking = await booked('viewer', { price: FREE });
    await booked('stranger', { price: FREE });
    announce();
    const seen = [inShort((await first).value as BookingChange), inShort((await own.next()).value as BookingChange)];
    expect(seen).toEqual(['1 null→PENDING', '2 PENDING→CONFIRMED']);
    const full = await booked('holder', { price: FREE, capacity: 1 });
    await act.join('viewer', full.sessionId);
    await act.cancel('holder', full.id);
    announce();
    const next = (await own.next()).value as BookingChange;
    expect([next.aggregate.sessionId, inShort(next)]).toEqual([full.sessionId, '1 null→PENDING']);
    await own.return?.();
    expect(booking.attendeeId).toBe(idOf('viewer'));
  });

  test('resumed, first a snapshot of each that changed since', async () => {
    const since = stand.clock.now();
    const [one, two] = [await booked('resumer', { price: FREE }), await booked('resumer')];
    const own = streams.bookings.followOwn(since, { userId: idOf('resumer'), expiresAt });
    const seen = [(await own.next()).value as BookingChange, (await own.next()).value as BookingChange];
    await own.return?.();
    expect(new Set(seen.map(({ aggregate }) => aggregate.id))).toEqual(new Set([one.id, two.id]));
    expect(seen.map(inShort).sort()).toEqual(['snapshot CONFIRMED', 'snapshot PENDING']);
  });
});
