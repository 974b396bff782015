import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

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

/** All messages of an aggregate are in one shard, so that one relay keeps their order. */
export function shardOf(aggregateId: string): number {
  return Number.parseInt(aggregateId.slice(-2), 16) % SHARDS;
}
