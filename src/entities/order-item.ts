import { ManyToOne, PrimaryKey, Property, Entity } from '@mikro-orm/decorators/legacy';
import type { Rel } from '@mikro-orm/core';
import { Field, ID, ObjectType } from 'type-graphql';
import { FulfilmentStatus, ProductKind } from './enums.js';
import { Money } from './money.js';
import { Order } from './order.js';

/** What was bought, as it was when it was priced. Immutable but for its fulfilment. */
@ObjectType({ description: 'One product of an order, as it was when it was priced.' })
@Entity({ tableName: 'order_items' })
export class OrderItem {
  @Field(() => ID, { description: 'Identity of the item.' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => Order)
  order!: Rel<Order>;

  /** The order's id, on items that were read outside a unit of work. */
  declare orderId?: string;

  /** Which pricing of the order it belongs to; a restore makes a new one. */
  @Property({ type: 'integer' })
  revision!: number;

  /** Place in the cart, from 0. */
  @Property({ type: 'integer' })
  position!: number;

  @Field(() => ProductKind, { description: 'Course or live session.' })
  @Property({ type: 'text' })
  kind!: ProductKind;

  @Field(() => ID, { description: 'Id of the course or session.' })
  @Property({ type: 'uuid' })
  productId!: string;

  @Field(() => String, { description: 'Title when it was priced.' })
  @Property({ type: 'text' })
  title!: string;

  @Property({ type: 'uuid', nullable: true })
  instructorId!: string | null;

  @Property({ type: 'bigint' })
  listPriceMinor!: bigint;

  @Property({ type: 'bigint' })
  discountMinor!: bigint;

  @Property({ type: 'bigint' })
  priceMinor!: bigint;

  @Property({ type: 'text' })
  currency!: string;

  @Field(() => FulfilmentStatus, { description: 'Whether the buyer has it.' })
  @Property({ type: 'text' })
  fulfilment!: FulfilmentStatus;

  @Field(() => Money, { description: 'Price before discounts.' })
  get listPrice(): Money {
    return new Money(this.listPriceMinor, this.currency);
  }

  @Field(() => Money, { description: 'All discounts of this item together.' })
  get discount(): Money {
    return new Money(this.discountMinor, this.currency);
  }

  @Field(() => Money, { description: 'What is to be paid for it; the prices of all items add up to the total.' })
  get price(): Money {
    return new Money(this.priceMinor, this.currency);
  }
}
