import { EventActor } from '../../../src/entities/enums.js';
import { OrderEventType, type OrderEvent } from '../../../src/entities/order-event.js';
import type { Order } from '../../../src/entities/order.js';
import type { Logger } from '../../../src/observability/log.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { createBookingReads } from '../../../src/queries/booking-reads.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import type { Change } from '../../../src/subscriptions/change.js';
import type { Hints } from '../../../src/subscriptions/hints.js';
import { LiveStreams } from '../../../src/subscriptions/live-streams.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

export type OrderChange = Change<Order, OrderEvent>;

/** What a test reads of a stream: all messages that have come, and whether it has ended. */
export interface Reader {
  readonly changes: OrderChange[];
  readonly ended: Promise<void>;
  /** Resolves when so many messages have come. */
  until(count: number): Promise<OrderChange[]>;
  leave(): Promise<void>;
}

/** Live streams over a database of their own; hints of commits are sent when the test says so. */
export interface StreamStand extends OrderStand {
  readonly streams: LiveStreams;
  /** What the streams log to. */
  readonly log: Logger;
  /** Records so many events on an order, each in a transaction of its own, at the time of the stand's clock. */
  change(order: Order, count?: number, at?: Date): Promise<void>;
  /** Records so many events on an order in one transaction. */
  changeAtOnce(order: Order, count: number): Promise<void>;
  /** Sends the hints of everything committed since the last call. */
  announce(): void;
  /** Loses the hints of everything committed since the last call. */
  loseHints(): void;
  /** Sends all hints, and resolves when all own streams have been read for them. */
  announceAndRead(): Promise<void>;
  /** Opens a stream of the viewer's own orders; resolves when it is live. */
  followOwn(userId: string, after?: Date): Promise<Reader>;
  read(stream: AsyncIterableIterator<OrderChange>): Reader;
  /** Ids of the events of a viewer's orders, those of one order in the order of their versions. */
  eventIds(userId: string): Promise<string[]>;
}

/** When the tokens of readers end. */
export const LATER = new Date(Date.now() + 3_600_000);

/** Opens a stand over hints, which stay the caller's. */
export async function openStreamStand(hints: Hints): Promise<StreamStand> {
  const stand = await openOrderStand();
  const reads = createOrderReads(stand.orm, stand.fork);
  let [begun, finished] = [0, 0];
  const counted: typeof reads = {
    ...reads,
    eventsSince: async (wanted) => {
      const reading = ++begun;
      const found = await reads.eventsSince(wanted);
      finished = Math.max(finished, reading);
      return found;
    },
  };
  const log = testLog();
  const streams = new LiveStreams(
    { orders: counted, bookings: createBookingReads(stand.orm, stand.fork) },
    { hints, clock: stand.clock, log },
  );
  const announce = () => {
    const changed = stand.commits.splice(0);
    streams.orders.announce(changed.map(({ id, buyerId, version }) => ({ id, ownerId: buyerId, version })));
  };
  const nextReading = async (act: () => void) => {
    const before = begun;
    act();
    await eventually(() => finished > before);
  };
  return {
    ...stand,
    streams,
    log,
    change: async (order, count = 1, at = stand.clock.now()) => {
      for (let n = 0; n < count; n++) await changeOrder(stand.fork, order.id, [], (found) => requestPayment(found, at));
    },
    changeAtOnce: async (order, count) => {
      await changeOrder(stand.fork, order.id, [], (found) => {
        for (let n = 0; n < count; n++) requestPayment(found, stand.clock.now());
      });
    },
    announce,
    announceAndRead: () => nextReading(announce),
    loseHints: () => void stand.commits.splice(0),
    followOwn: async (userId, after) => {
      const reader = readerOf(streams.orders.followOwn(after ?? null, { userId, expiresAt: LATER }));
      await nextReading(() => undefined);
      return reader;
    },
    read: readerOf,
    eventIds: async (userId) => {
      const order = 'order by order_id, version';
      const rows = await stand.sql<{ id: string }>(`select id from order_events where buyer_id = $1 ${order}`, [
        userId,
      ]);
      return rows.map(({ id }) => id);
    },
    close: async () => {
      await streams.close();
      await stand.close();
    },
  };
}

function requestPayment(order: Order, at: Date): void {
  order.record(OrderEventType.PAYMENT_REQUESTED, { actor: EventActor.SYSTEM }, at);
}

function readerOf(stream: AsyncIterableIterator<OrderChange>): Reader {
  const changes: OrderChange[] = [];
  const ended = (async () => {
    for await (const change of stream) changes.push(change);
  })();
  return {
    changes,
    ended,
    until: async (count) => {
      await eventually(
        () => changes.length,
        (length) => length >= count,
      );
      return changes;
    },
    leave: async () => {
      await stream.return?.();
      await ended;
    },
  };
}

/** What a message says, in short: the order's place in a list, then the version of the event, or of the snapshot. */
export function inShort(changes: readonly OrderChange[], orders: readonly Order[]): string[] {
  return changes.map(({ aggregate, event, ends }) => {
    const place = orders.findIndex(({ id }) => id === aggregate.id);
    const what = event ? `event ${event.version}` : `snapshot ${aggregate.version}`;
    return `${place}: ${what}${ends ? ` ${ends}` : ''}`;
  });
}

/** The events of messages, by id; those of one order in the order in which they came. */
export function idsOfEvents(changes: readonly OrderChange[]): string[] {
  const byOrder = Map.groupBy(changes, ({ aggregate }) => aggregate.id);
  return [...byOrder]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, some]) => some.map(({ event }) => event?.id ?? ''));
}
