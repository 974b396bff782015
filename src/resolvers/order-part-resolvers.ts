import { Ctx, Directive, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import { PaymentStatus, ProductKind } from '../entities/enums.js';
import { OrderEvent } from '../entities/order-event.js';
import { OrderItem } from '../entities/order-item.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { PaymentAttempt } from '../entities/payment-attempt.js';
import { SessionBooking } from '../entities/session-booking.js';
import { Session } from '../entities/session.js';
import type { Context } from '../schema/context.js';
import { CourseStub, UserStub } from '../schema/stubs.js';
import { listOf } from '../schema/costs.js';
import { OPERATORS } from '../schema/tags.js';

/** References of an item into other subgraphs: nullable, so that their failure blanks nothing else. */
@Resolver(() => OrderItem)
export class OrderItemResolver {
  @FieldResolver(() => CourseStub, { nullable: true, description: 'The course, for items of kind COURSE.' })
  course(@Root() item: OrderItem) {
    return item.kind === ProductKind.COURSE ? new CourseStub(item.productId) : null;
  }

  @FieldResolver(() => Session, { nullable: true, description: 'The live session, for items of kind SESSION.' })
  session(@Root() item: OrderItem) {
    return item.kind === ProductKind.SESSION ? new Session(item.productId) : null;
  }

  @FieldResolver(() => SessionBooking, { nullable: true, description: 'The seat, for items of kind SESSION.' })
  async booking(@Root() { kind, orderId }: OrderItem, @Ctx() { loaders }: Context) {
    return kind === ProductKind.SESSION && orderId ? loaders.bookingOfOrder.load(orderId) : null;
  }
}

@Resolver(() => PaymentAttempt)
export class PaymentAttemptResolver {
  @FieldResolver(() => ID, { description: 'The payment service’s id.' })
  id(@Root() { paymentId }: PaymentAttempt) {
    return paymentId;
  }

  @FieldResolver(() => PaymentStatus, { description: 'How far it is.' })
  status(@Root() { state }: PaymentAttempt) {
    return state === 'INTENT' ? PaymentStatus.PENDING : state;
  }
}

@Resolver(() => OrderRefund)
export class OrderRefundResolver {
  @FieldResolver(() => Order, { description: 'The order it is of.' })
  order(@Root() { orderId }: OrderRefund, @Ctx() { loaders }: Context) {
    return loaders.order.load(orderId);
  }

  @Directive(listOf(10))
  @FieldResolver(() => [OrderItem], { description: 'What is given back; empty for a surplus payment.' })
  async items(@Root() { orderId, itemIds }: OrderRefund, @Ctx() { loaders }: Context) {
    return (await loaders.items.load(orderId)).filter(({ id }) => itemIds.includes(id));
  }

  @FieldResolver(() => PaymentAttempt, { nullable: true, description: 'The payment it gives back.' })
  async payment(@Root() { orderId, paymentId }: OrderRefund, @Ctx() { loaders }: Context) {
    return (
      (await loaders.attempts.load(orderId)).find((one) => paymentId !== null && one.paymentId === paymentId) ?? null
    );
  }
}

@Resolver(() => OrderEvent)
export class OrderEventResolver {
  @Directive(OPERATORS)
  @FieldResolver(() => UserStub, { nullable: true, description: 'Which person did it; for operators only.' })
  by(@Root() { byId }: OrderEvent, @Ctx() { viewer }: Context) {
    return byId && viewer?.isOperator ? new UserStub(byId) : null;
  }

  @FieldResolver(() => OrderItem, { nullable: true, description: 'The item it is about.' })
  async item(@Root() { orderId, itemId }: OrderEvent, @Ctx() { loaders }: Context) {
    return itemId ? ((await loaders.items.load(orderId)).find(({ id }) => id === itemId) ?? null) : null;
  }

  @FieldResolver(() => PaymentAttempt, { nullable: true, description: 'The payment it is about.' })
  async payment(@Root() { orderId, paymentId }: OrderEvent, @Ctx() { loaders }: Context) {
    if (!paymentId) return null;
    return (await loaders.attempts.load(orderId)).find((one) => one.paymentId === paymentId) ?? null;
  }

  @FieldResolver(() => OrderRefund, { nullable: true, description: 'The refund it is about.' })
  async refund(@Root() { orderId, refundId }: OrderEvent, @Ctx() { loaders }: Context) {
    return refundId ? ((await loaders.refunds.load(orderId)).find(({ id }) => id === refundId) ?? null) : null;
  }
}
