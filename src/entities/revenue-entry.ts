import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * One change of a day's revenue, written with the order that makes it and merged into one row a day and currency later:
 * no two orders ever wait for the same row.
 */
@Entity({ tableName: 'revenue_entries' })
export class RevenueEntry {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** Day of the order's payment, UTC, as YYYY-MM-DD. */
  @Property({ type: 'string', columnType: 'date' })
  day!: string;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'integer' })
  orders!: number;

  @Property({ type: 'bigint' })
  grossMinor!: bigint;

  @Property({ type: 'bigint' })
  refundedMinor!: bigint;
}
