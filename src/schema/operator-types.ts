import { createUnionType, Directive, Field, Int, ObjectType } from 'type-graphql';
import { Money } from '../entities/money.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { AccountBlocked, ActionNotAllowed, IdempotencyConflict, InvalidInput, NotFound } from '../entities/refusals.js';
import { SagaNotStuck } from '../entities/saga-refusals.js';
import { Saga } from '../entities/saga.js';
import { PageInfo } from './connections.js';
import { Cost } from './costs.js';

@ObjectType({ description: 'A refund in a list.' })
export class OrderRefundEdge {
  @Field(() => String, { description: 'Its place in the list.' })
  cursor!: string;

  @Field(() => OrderRefund, { description: 'The refund.' })
  node!: OrderRefund;
}

@ObjectType({ description: 'A saga in a list.' })
export class SagaEdge {
  @Field(() => String, { description: 'Its place in the list.' })
  cursor!: string;

  @Field(() => Saga, { description: 'The saga.' })
  node!: Saga;
}

@ObjectType({ description: 'A page of refunds.' })
export class OrderRefundConnection {
  @Field(() => [OrderRefundEdge], { description: 'The refunds with their cursors.' })
  edges!: OrderRefundEdge[];

  @Field(() => [OrderRefund], { description: 'The refunds.' })
  nodes!: OrderRefund[];

  @Field(() => PageInfo, { description: 'Where the page is.' })
  pageInfo!: PageInfo;

  @Directive(Cost.COUNT)
  @Field(() => Int, { nullable: true, description: 'Number of all refunds of the list; counted only when asked for.' })
  totalCount(): Promise<number> {
    return this.count();
  }

  count!: () => Promise<number>;
}

@ObjectType({ description: 'A page of sagas.' })
export class SagaConnection {
  @Field(() => [SagaEdge], { description: 'The sagas with their cursors.' })
  edges!: SagaEdge[];

  @Field(() => [Saga], { description: 'The sagas.' })
  nodes!: Saga[];

  @Field(() => PageInfo, { description: 'Where the page is.' })
  pageInfo!: PageInfo;

  @Directive(Cost.COUNT)
  @Field(() => Int, { nullable: true, description: 'Number of all stuck sagas; counted only when asked for.' })
  totalCount(): Promise<number> {
    return this.count();
  }

  count!: () => Promise<number>;
}

@ObjectType({ description: 'Revenue of one month by the day of payment, UTC.' })
export class MonthlyRevenue {
  @Field(() => Int, { description: '1 to 12.' })
  month!: number;

  @Field(() => Int, { description: 'Number of orders paid in it.' })
  orders!: number;

  @Field(() => Money, { description: 'What they were paid.' })
  gross!: Money;

  @Field(() => Money, { description: 'What of it was given back, whenever.' })
  refunded!: Money;

  @Field(() => Money, { description: 'What is left.' })
  net!: Money;
}

@ObjectType({ description: 'A refund was asked for.' })
export class RequestRefundSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => OrderRefund, { description: 'The refund.' })
  refund!: OrderRefund;

  @Field(() => Boolean, { description: 'True when an earlier call with the same key asked for it.' })
  replayed!: boolean;
}

@ObjectType({ description: 'The refund is decided.' })
export class DecideRefundSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => OrderRefund, { description: 'The refund.' })
  refund!: OrderRefund;
}

@ObjectType({ description: 'The refund has ended.' })
export class SettleRefundSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => OrderRefund, { description: 'The refund.' })
  refund!: OrderRefund;
}

@ObjectType({ description: 'The saga runs again.' })
export class RetrySagaSuccess {
  @Field(() => Saga, { description: 'The saga.' })
  saga!: Saga;
}

export const RequestRefundResult = createUnionType({
  name: 'RequestRefundResult',
  description: 'The refund, or why it cannot be asked for.',
  types: () =>
    [RequestRefundSuccess, InvalidInput, NotFound, ActionNotAllowed, IdempotencyConflict, AccountBlocked] as const,
});

export const DecideRefundResult = createUnionType({
  name: 'DecideRefundResult',
  description: 'The decided refund, or why it cannot be decided.',
  types: () => [DecideRefundSuccess, InvalidInput, NotFound, ActionNotAllowed, AccountBlocked] as const,
});

export const SettleRefundResult = createUnionType({
  name: 'SettleRefundResult',
  description: 'The ended refund, or why it cannot end.',
  types: () => [SettleRefundSuccess, InvalidInput, NotFound, ActionNotAllowed, AccountBlocked] as const,
});

export const RetrySagaResult = createUnionType({
  name: 'RetrySagaResult',
  description: 'The saga, or why it cannot run again.',
  types: () => [RetrySagaSuccess, InvalidInput, NotFound, SagaNotStuck, AccountBlocked] as const,
});
