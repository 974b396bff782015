import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import type { RefundOutcome } from '../commands/refunds.js';
import { Context } from '../schema/context.js';
import { DecideRefundInput, RequestRefundInput, RetrySagaInput, SettleRefundInput } from '../schema/inputs.js';
import {
  DecideRefundResult,
  DecideRefundSuccess,
  RequestRefundResult,
  RequestRefundSuccess,
  RetrySagaResult,
  RetrySagaSuccess,
  SettleRefundResult,
  SettleRefundSuccess,
} from '../schema/operator-types.js';
import { Cost } from '../schema/costs.js';
import { OPERATORS } from '../schema/tags.js';

const INPUT = { description: 'Which one.' };

@Resolver()
export class RefundResolver {
  @Directive(Cost.WRITE)
  @Mutation(() => RequestRefundResult, {
    nullable: true,
    description:
      'Asks for money back: by the buyer inside the window, by an operator at any time and approved at once.',
  })
  async requestRefund(
    @Arg('input', () => RequestRefundInput, INPUT) input: RequestRefundInput,
    @Ctx() context: Context,
  ) {
    const outcome = await context.services.requestRefund(context.requireViewer(), {
      orderId: input.orderId.toLowerCase(),
      itemIds: input.itemIds ?? null,
      note: input.note ?? null,
      idempotencyKey: input.idempotencyKey ?? context.idempotencyKey,
    });
    return 'refund' in outcome ? Object.assign(new RequestRefundSuccess(), outcome) : outcome;
  }

  @Directive(Cost.WRITE)
  @Directive(OPERATORS)
  @Mutation(() => DecideRefundResult, { nullable: true, description: 'Approves a requested refund; for operators.' })
  async approveRefund(@Arg('input', () => DecideRefundInput, INPUT) input: DecideRefundInput, @Ctx() context: Context) {
    const operator = context.requireOperator();
    return decided(
      await context.services.approveRefund(operator, {
        refundId: input.refundId.toLowerCase(),
        note: input.note ?? null,
      }),
    );
  }

  @Directive(Cost.WRITE)
  @Directive(OPERATORS)
  @Mutation(() => DecideRefundResult, { nullable: true, description: 'Rejects a requested refund; for operators.' })
  async rejectRefund(@Arg('input', () => DecideRefundInput, INPUT) input: DecideRefundInput, @Ctx() context: Context) {
    const operator = context.requireOperator();
    return decided(
      await context.services.rejectRefund(operator, {
        refundId: input.refundId.toLowerCase(),
        note: input.note ?? null,
      }),
    );
  }

  @Directive(Cost.WRITE)
  @Directive(OPERATORS)
  @Mutation(() => SettleRefundResult, {
    nullable: true,
    description: 'Records how an approved refund ended; for operators.',
  })
  async settleRefund(@Arg('input', () => SettleRefundInput, INPUT) input: SettleRefundInput, @Ctx() context: Context) {
    const operator = context.requireOperator();
    const outcome = await context.services.settleRefund(operator, { ...input, refundId: input.refundId.toLowerCase() });
    return 'refund' in outcome ? Object.assign(new SettleRefundSuccess(), outcome) : outcome;
  }

  @Directive(Cost.WRITE)
  @Directive(OPERATORS)
  @Mutation(() => RetrySagaResult, { nullable: true, description: 'Lets a stuck saga run again; for operators.' })
  async retrySaga(@Arg('input', () => RetrySagaInput, INPUT) { sagaId }: RetrySagaInput, @Ctx() context: Context) {
    const outcome = await context.services.retrySaga(context.requireOperator(), sagaId.toLowerCase());
    return 'code' in outcome ? outcome : Object.assign(new RetrySagaSuccess(), outcome);
  }
}

const decided = (outcome: RefundOutcome) =>
  'refund' in outcome ? Object.assign(new DecideRefundSuccess(), outcome) : outcome;
