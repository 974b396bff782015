import { validate as isUuid } from 'uuid';
import { Arg, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { availableActions, OrderAction } from '../entities/order-actions.js';
import { OrderEvent } from '../entities/order-event.js';
import { OrderItem } from '../entities/order-item.js';
import { isOrderNumber } from '../entities/order-number.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { PaymentAttempt } from '../entities/payment-attempt.js';
import { Context } from '../schema/context.js';
import { UserStub } from '../schema/stubs.js';
import { orderFacts } from './action-facts.js';
import { listOf } from '../schema/costs.js';

/** Orders by id and number, and the fields of an order that are read beside its row. */
@Resolver(() => Order)
export class OrderResolver {
  @Query(() => Order, {
    nullable: true,
    description: 'An order of the viewer, or any for operators; null for others alike.',
  })
  async order(@Arg('id', () => ID, { description: 'Identity of the order.' }) id: string, @Ctx() context: Context) {
    context.requireViewer();
    return isUuid(id) ? context.loaders.order.load(id.toLowerCase()) : null;
  }

  @Query(() => Order, { nullable: true, description: 'An order by the number people read out.' })
  async orderByNumber(
    @Arg('number', () => String, { description: 'Such as EL-7K3M9QZTX, in any case.' }) number: string,
    @Ctx() context: Context,
  ) {
    context.requireViewer();
    return isOrderNumber(number) ? context.loaders.orderByNumber.load(number.toUpperCase()) : null;
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who bought it.' })
  buyer(@Root() order: Order) {
    return new UserStub(order.buyerId);
  }

  @Directive(listOf(10))
  @FieldResolver(() => [OrderItem], { description: 'What was bought, as in the cart.' })
  items(@Root() order: Order, @Ctx() { loaders }: Context) {
    return loaders.items.load(order.id);
  }

  @Directive(listOf(5))
  @FieldResolver(() => [PaymentAttempt], { description: 'Every try to pay it, oldest first.' })
  async payments(@Root() order: Order, @Ctx() { loaders }: Context) {
    return (await loaders.attempts.load(order.id)).filter(({ paymentId }) => paymentId !== null);
  }

  @Directive(listOf(5))
  @FieldResolver(() => [OrderRefund], { description: 'Every refund, oldest first.' })
  refunds(@Root() order: Order, @Ctx() { loaders }: Context) {
    return loaders.refunds.load(order.id);
  }

  @Directive(listOf(20))
  @FieldResolver(() => [OrderEvent], { description: 'Everything that happened to it, oldest first.' })
  timeline(@Root() order: Order, @Ctx() { loaders }: Context) {
    return loaders.events.load(order.id);
  }

  @Directive(listOf(4))
  @FieldResolver(() => [OrderAction], { description: 'What the viewer can do with it now, and why not.' })
  async availableActions(@Root() order: Order, @Ctx() context: Context) {
    context.requireViewer();
    return availableActions(order, await orderFacts(order, context));
  }
}
