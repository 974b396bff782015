import { setTimeout as pause } from 'node:timers/promises';
import { FulfilmentStatus, OrderStatusReason, RefundStatus } from '../entities/enums.js';
import type { OrderEvent } from '../entities/order-event.js';
import type { OrderRefund } from '../entities/order-refund.js';
import { OrderStatus } from '../entities/order-status.js';
import type { Order } from '../entities/order.js';
import { Follower, type OrderFeed } from './order-feed.js';
import { closable } from './mailbox.js';

export enum StreamEnd {
  COMPLETE = 'COMPLETE',
  TOKEN_EXPIRED = 'TOKEN_EXPIRED',
  ACCOUNT_BLOCKED = 'ACCOUNT_BLOCKED',
  TOO_SLOW = 'TOO_SLOW',
  SHUTDOWN = 'SHUTDOWN',
}

/** One message of a stream: an event with the present order, or a snapshot of it. */
export interface OrderChange {
  readonly order: Order;
  /** Null for a snapshot. */
  readonly event: OrderEvent | null;
  readonly ends: StreamEnd | null;
}

/** Whose stream it is, and until when the token counts. */
export interface StreamViewer {
  readonly userId: string;
  readonly expiresAt: Date;
}

/** What streams read, each for any number of orders. */
export interface StreamReads {
  orders(ids: readonly string[]): Promise<ReadonlyMap<string, Order>>;
  refunds(orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly OrderRefund[]>>;
}

const CLOSE_MS = 2_000;
const LOOK_MS = 10;

/** Live streams of orders: subscribe to hints, read the table, follow. */
export class OrderStreams {
  readonly #feed: OrderFeed;
  readonly #reads: StreamReads;
  #closing = false;

  constructor(feed: OrderFeed, reads: StreamReads) {
    this.#feed = feed;
    this.#reads = reads;
  }

  /** Number of open streams of this process. */
  get size(): number {
    return this.#feed.size;
  }

  /**
   * Follows an order that the caller may see. Without `afterVersion` the present state comes first, then every event;
   * with it every event after that version. Versions are contiguous.
   * @param viewer whose stream it is; it ends with the token, or when the account is blocked
   */
  follow(order: Order, afterVersion: number | null, viewer: StreamViewer): AsyncIterableIterator<OrderChange> {
    const until = viewer.expiresAt;
    const follower = new Follower(viewer.userId, order.id, afterVersion ?? Number.MAX_SAFE_INTEGER);
    if (this.#closing) follower.mailbox.close();
    return closable(this.#run(follower, afterVersion, until), () => follower.mailbox.close());
  }

  /** Ends the streams of a user with ACCOUNT_BLOCKED. */
  block(userId: string): void {
    this.#feed.block(userId);
  }

  /** Ends all streams with SHUTDOWN. Resolves when all have ended, or after two seconds. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#feed.close();
    for (const until = Date.now() + CLOSE_MS; this.size > 0 && Date.now() < until;) await pause(LOOK_MS);
  }

  async *#run(follower: Follower, afterVersion: number | null, until: Date): AsyncGenerator<OrderChange, void, void> {
    try {
      await this.#feed.follow(follower);
      const order = await this.#order(follower.orderId);
      const ends = await this.#endOf(order);
      if (afterVersion === null || (ends && afterVersion >= order.version)) {
        yield { order, event: null, ends };
        if (ends) return;
        follower.version = order.version;
      }
      this.#feed.readNow(follower.orderId);
      yield* this.#events(follower, until);
    } finally {
      await this.#feed.unfollow(follower);
    }
  }

  async *#events(follower: Follower, until: Date): AsyncGenerator<OrderChange, void, void> {
    for (;;) {
      const events = await follower.mailbox.take(until);
      const order = await this.#order(follower.orderId);
      const complete = events.at(-1)?.version === order.version ? await this.#endOf(order) : null;
      for (const event of events) {
        const ends = isOwnBlocking(follower, event)
          ? StreamEnd.ACCOUNT_BLOCKED
          : event === events.at(-1)
            ? complete
            : null;
        yield { order, event, ends };
        if (ends) return;
      }
      const ends = this.#mustEnd(follower, until);
      if (ends) return void (yield { order, event: null, ends });
      if (events.length === 0 && until > new Date()) return;
    }
  }

  #mustEnd(follower: Follower, until: Date): StreamEnd | null {
    if (follower.mailbox.overflown) return StreamEnd.TOO_SLOW;
    if (follower.isBlocked) return StreamEnd.ACCOUNT_BLOCKED;
    if (this.#closing) return StreamEnd.SHUTDOWN;
    return until <= new Date() ? StreamEnd.TOKEN_EXPIRED : null;
  }

  async #order(id: string): Promise<Order> {
    const order = (await this.#reads.orders([id])).get(id);
    if (!order) throw new Error(`order ${id} is gone`);
    return order;
  }

  /** Nothing more happens to a refunded order, or to a delivered one without an open refund. */
  async #endOf(order: Order): Promise<StreamEnd | null> {
    if (order.status === OrderStatus.REFUNDED) return StreamEnd.COMPLETE;
    const delivered = order.fulfilment === FulfilmentStatus.FULFILLED || order.fulfilment === FulfilmentStatus.REVOKED;
    if (order.status !== OrderStatus.SUCCEEDED || !delivered) return null;
    const refunds = (await this.#reads.refunds([order.id])).get(order.id) ?? [];
    const open = refunds.some(({ status }) => status === RefundStatus.REQUESTED || status === RefundStatus.APPROVED);
    return open ? null : StreamEnd.COMPLETE;
  }
}

/** An order that ended because its buyer's account was blocked ends the buyer's stream, also where the hint was lost. */
function isOwnBlocking({ viewerId }: Follower, { buyerId, reason }: OrderEvent): boolean {
  return viewerId === buyerId && reason === OrderStatusReason.ACCOUNT_BLOCKED;
}
