import { Arg, Ctx, Directive, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Order } from '../../entities/order.js';
import { SuspiciousPayment, SuspiciousPaymentStatus } from '../../entities/payment/suspicious-payment.js';
import { connectionOf } from '../../schema/connections.js';
import { Context } from '../../schema/context.js';
import { Cost, PAGE } from '../../schema/costs.js';
import {
  ReviewPaymentInput,
  ReviewPaymentResult,
  ReviewPaymentSuccess,
  SuspiciousPaymentConnection,
} from '../../schema/payment/suspicious-payment-types.js';
import { OPERATORS } from '../../schema/tags.js';
import { orBadInput, pageOf } from '../order-list-arguments.js';

const INPUT = { description: 'Which one, and why.' };

/** Messages about payments that disagree with their orders: operators see them and decide. */
@Resolver(() => SuspiciousPayment)
export class SuspiciousPaymentResolver {
  @Directive(PAGE)
  @Directive(OPERATORS)
  @Query(() => SuspiciousPaymentConnection, {
    nullable: true,
    description: 'Messages about payments that disagree with their orders, newest first; for operators.',
  })
  async suspiciousPayments(
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many, 1 to 100.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor after which the page begins.' })
    after: string | null,
    @Arg('status', () => [SuspiciousPaymentStatus], { nullable: true, description: 'Only these statuses.' })
    status: SuspiciousPaymentStatus[] | null,
    @Ctx() context: Context,
  ) {
    context.requireOperator();
    const { suspiciousPayments } = context.services;
    const page = pageOf(first, after);
    const { snapshots } = context.loaders;
    const read = await orBadInput(suspiciousPayments.list(status ?? null, page, snapshots.withOrder));
    const found = { ...read, rows: read.rows.map((one) => snapshots.keepOrderOf(one)) };
    const count = () => suspiciousPayments.count(status ?? null);
    return Object.assign(new SuspiciousPaymentConnection(), connectionOf<SuspiciousPayment>(found, page.after), {
      count,
    });
  }

  @Directive(Cost.WRITE)
  @Directive(OPERATORS)
  @Mutation(() => ReviewPaymentResult, {
    nullable: true,
    description: 'Applies a suspicious payment to its order; for operators.',
  })
  acceptSuspiciousPayment(
    @Arg('input', () => ReviewPaymentInput, INPUT) input: ReviewPaymentInput,
    @Ctx() context: Context,
  ) {
    return reviewPayment(context, input, true);
  }

  @Directive(Cost.WRITE)
  @Directive(OPERATORS)
  @Mutation(() => ReviewPaymentResult, {
    nullable: true,
    description: 'Leaves a suspicious payment out for good; for operators.',
  })
  rejectSuspiciousPayment(
    @Arg('input', () => ReviewPaymentInput, INPUT) input: ReviewPaymentInput,
    @Ctx() context: Context,
  ) {
    return reviewPayment(context, input, false);
  }

  @FieldResolver(() => Order, { nullable: true, description: 'The order that the message is about.' })
  async order(@Root() { orderId }: SuspiciousPayment, @Ctx() { loaders }: Context) {
    return loaders.order.load(orderId);
  }
}

async function reviewPayment(context: Context, input: ReviewPaymentInput, accept: boolean) {
  const operator = context.requireOperator();
  const outcome = await context.services.reviewPayment(operator, {
    suspiciousPaymentId: input.suspiciousPaymentId.toLowerCase(),
    accept,
    note: input.note,
  });
  return 'suspiciousPayment' in outcome ? Object.assign(new ReviewPaymentSuccess(), outcome) : outcome;
}
