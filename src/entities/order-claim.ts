import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { PrimaryKeyProp, type Rel } from '@mikro-orm/core';
import type { ProductKind } from './enums.js';
import { Order } from './order.js';

/** Holds a product for one order of a buyer: unique (buyer, kind, product), gone when the order ends unpaid. */
@Entity({ tableName: 'order_claims' })
export class OrderClaim {
  [PrimaryKeyProp]?: ['buyerId', 'kind', 'productId'];

  @PrimaryKey({ type: 'uuid' })
  buyerId!: string;

  @PrimaryKey({ type: 'text' })
  kind!: ProductKind;

  @PrimaryKey({ type: 'uuid' })
  productId!: string;

  @ManyToOne(() => Order)
  order!: Rel<Order>;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  claimedAt!: Date;
}
