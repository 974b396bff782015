import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { PrimaryKeyProp } from '@mikro-orm/core';

/** Remembers that a viewer's request under a key succeeded, or is being worked on until its lease ends. */
@Entity({ tableName: 'idempotency' })
export class IdempotencyRecord {
  [PrimaryKeyProp]?: ['viewerId', 'operation', 'key'];

  @PrimaryKey({ type: 'uuid' })
  viewerId!: string;

  @PrimaryKey({ type: 'text' })
  operation!: string;

  @PrimaryKey({ type: 'text' })
  key!: string;

  /** Of the canonical input: another hash under the same key is a conflict. */
  @Property({ type: 'text' })
  requestHash!: string;

  /** What the success made; null while the lease runs. */
  @Property({ type: 'text', nullable: true })
  result!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  leaseUntil!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  createdAt!: Date;
}
