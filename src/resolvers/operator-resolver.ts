import { validate as isUuid } from 'uuid';
import { Arg, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { RefundStatus } from '../entities/enums.js';
import { Money } from '../entities/money.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { Saga } from '../entities/saga.js';
import { SessionBooking } from '../entities/session-booking.js';
import { CurrencyScalar } from '../entities/shared/currency.js';
import { connectionOf, OrderConnection } from '../schema/connections.js';
import { Context } from '../schema/context.js';
import { badInput } from '../schema/errors.js';
import { OrderFilter } from '../schema/inputs.js';
import { MonthlyRevenue, OrderRefundConnection, SagaConnection } from '../schema/operator-types.js';
import { listFilter, orBadInput, pageOf } from './order-list-arguments.js';
import { PAGE, listOf } from '../schema/costs.js';
import { OPERATORS } from '../schema/tags.js';

const FIRST = { nullable: true, defaultValue: 20, description: 'How many, 1 to 100.' };
const AFTER = { nullable: true, description: 'Cursor after which the page begins.' };
const FIRST_YEAR = 2000;
const LAST_YEAR = 9998;

/** What operators see. */
@Resolver(() => Saga)
export class OperatorResolver {
  @Directive(PAGE)
  @Directive(OPERATORS)
  @Query(() => OrderConnection, { nullable: true, description: 'All orders; for operators.' })
  async orders(
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, AFTER) after: string | null,
    @Arg('filter', () => OrderFilter, { nullable: true, description: 'Which orders.' }) filter: OrderFilter | null,
    @Ctx() context: Context,
  ) {
    context.requireOperator();
    const { lists } = context.services;
    const { userId, ...rest } = filter ?? {};
    if (typeof userId === 'string' && !isUuid(userId)) throw badInput('filter.userId is not a UUID');
    const [wanted, page] = [listFilter(rest), pageOf(first, after)];
    const buyerId = userId?.toLowerCase() ?? null;
    const load = buyerId
      ? context.loaders.ordersOf(wanted, page).load(buyerId)
      : context.loaders.allOrders(wanted, page);
    return new OrderConnection(await orBadInput(load), page.after, () => lists.count(buyerId, wanted));
  }

  @Directive(PAGE)
  @Directive(OPERATORS)
  @Query(() => OrderRefundConnection, { nullable: true, description: 'All refunds, newest first; for operators.' })
  async refunds(
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, AFTER) after: string | null,
    @Arg('status', () => [RefundStatus], { nullable: true, description: 'Only these statuses.' })
    status: RefundStatus[] | null,
    @Ctx() context: Context,
  ) {
    context.requireOperator();
    const { operatorLists } = context.services;
    const page = pageOf(first, after);
    const { snapshots } = context.loaders;
    const read = await orBadInput(operatorLists.refunds(status ?? null, page, snapshots.withOrder));
    const found = { ...read, rows: read.rows.map((refund) => snapshots.keepRefund(refund)) };
    const count = () => operatorLists.countRefunds(status ?? null);
    return Object.assign(new OrderRefundConnection(), connectionOf<OrderRefund>(found, page.after), { count });
  }

  @Directive(PAGE)
  @Directive(OPERATORS)
  @Query(() => SagaConnection, {
    nullable: true,
    description: 'What needs an operator, longest stuck first; for operators.',
  })
  async stuckSagas(
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, AFTER) after: string | null,
    @Ctx() context: Context,
  ) {
    context.requireOperator();
    const { operatorLists } = context.services;
    const page = pageOf(first, after);
    const { snapshots } = context.loaders;
    const read = await orBadInput(operatorLists.stuckSagas(page, snapshots.withOrder));
    const found = { ...read, rows: read.rows.map((saga) => snapshots.keepOrderOf(saga)) };
    const count = () => operatorLists.countStuckSagas();
    return Object.assign(new SagaConnection(), connectionOf<Saga>(found, page.after), { count });
  }

  @Directive(listOf(12))
  @Directive(OPERATORS)
  @Query(() => [MonthlyRevenue], { nullable: true, description: 'Twelve months of revenue; for operators.' })
  async revenue(
    @Arg('year', () => Int, { description: 'Such as 2026.' }) year: number,
    @Arg('currency', () => CurrencyScalar, { nullable: true, defaultValue: 'INR', description: 'Of which currency.' })
    currency: string | null,
    @Ctx() context: Context,
  ) {
    context.requireOperator();
    if (year < FIRST_YEAR || year > LAST_YEAR) throw badInput(`year must be ${FIRST_YEAR} to ${LAST_YEAR}`);
    // The scalar takes codes in any case; stored ones are in capitals.
    const unit = (currency ?? 'INR').toUpperCase();
    const months = await context.services.revenue.ofYear(year, unit);
    return months.map(({ month, orders, gross, refunded }) =>
      Object.assign(new MonthlyRevenue(), {
        month,
        orders,
        gross: new Money(gross, unit),
        refunded: new Money(refunded, unit),
        net: new Money(gross - refunded, unit),
      }),
    );
  }

  @FieldResolver(() => Order, { nullable: true, description: 'The order it is about.' })
  async order(@Root() { orderId, bookingId }: Saga, @Ctx() { loaders }: Context) {
    const id = orderId ?? (bookingId && (await loaders.booking.load(bookingId))?.orderId);
    return id ? loaders.order.load(id) : null;
  }

  @FieldResolver(() => SessionBooking, { nullable: true, description: 'The booking it is about.' })
  async booking(@Root() { bookingId }: Saga, @Ctx() { loaders }: Context) {
    return bookingId ? loaders.booking.load(bookingId) : null;
  }

  @FieldResolver(() => OrderRefund, { nullable: true, description: 'The refund it is about.' })
  async refund(@Root() { orderId, subjectId }: Saga, @Ctx() { loaders }: Context) {
    return orderId ? ((await loaders.refunds.load(orderId)).find(({ id }) => id === subjectId) ?? null) : null;
  }
}
