import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Order } from '../entities/order.js';
import type { SessionBooking } from '../entities/session-booking.js';
import type { RequestScope } from '../observability/correlation.js';

/** How many shards the relay divides the outbox into; a constant of the first migration. */
export const SHARDS = 8;

/** One message that waits to be published; deleted afterwards. Its columns also fit Debezium's outbox router. */
@Entity({ tableName: 'outbox' })
export class OutboxMessage {
  /** The eventId that consumers deduplicate by. */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  topic!: string;

  @Property({ type: 'text' })
  key!: string;

  @Property({ type: 'text' })
  payload!: string;

  @Property({ type: 'json' })
  headers!: Record<string, string>;

  @Property({ type: 'text' })
  aggregateType!: string;

  @Property({ type: 'uuid' })
  aggregateId!: string;

  @Property({ type: 'integer' })
  aggregateVersion!: number;

  @Property({ type: 'smallint' })
  shard!: number;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  createdAt!: Date;
}

/** A message to be published: made by a pure function from an event. */
export interface OutgoingMessage {
  /** The eventId, derived so that one event makes one id. */
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The version of an aggregate that a message is about, and when it was made. */
export interface MessageSubject {
  readonly type: 'order' | 'session-booking';
  readonly id: string;
  readonly version: number;
  readonly at: Date;
}

/** An order as the subject of a message: at its present version unless another is named. */
export function aboutOrder({ id, version, updatedAt }: Order, ofVersion = version): MessageSubject {
  return { type: 'order', id, version: ofVersion, at: updatedAt };
}

/** A booking as the subject of a message. */
export function aboutBooking({ id, version, updatedAt }: SessionBooking, ofVersion = version): MessageSubject {
  return { type: 'session-booking', id, version: ofVersion, at: updatedAt };
}

/** The stored form of a message. `scope`: what caused it, where its headers do not tell. */
export function outboxRow(message: OutgoingMessage, about: MessageSubject, scope?: RequestScope): OutboxMessage {
  const trace: Record<string, string> = scope?.traceparent ? { traceparent: scope.traceparent } : {};
  return Object.assign(new OutboxMessage(), {
    ...message,
    headers: { ...message.headers, ...trace },
    aggregateType: about.type,
    aggregateId: about.id,
    aggregateVersion: about.version,
    shard: shardOf(about.id),
    createdAt: about.at,
  });
}

/** All messages of an aggregate are in one shard, so that one relay keeps their order. */
export function shardOf(aggregateId: string): number {
  return Number.parseInt(aggregateId.slice(-2), 16) % SHARDS;
}
