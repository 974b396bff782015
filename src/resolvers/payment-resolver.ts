import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import { Context } from '../schema/context.js';
import { CancelPaymentInput, ConfirmPaymentInput, StartPaymentInput } from '../schema/inputs.js';
import {
  CancelPaymentResult,
  CancelPaymentSuccess,
  ConfirmPaymentResult,
  ConfirmPaymentSuccess,
  sessionView,
  StartPaymentResult,
  StartPaymentSuccess,
} from '../schema/results.js';
import { Cost } from '../schema/costs.js';

const INPUT = { description: 'Which payment, and how.' };

@Resolver()
export class PaymentResolver {
  @Directive(Cost.WRITE)
  @Mutation(() => StartPaymentResult, {
    nullable: true,
    description: 'Starts a payment, or answers the live one of the same provider.',
  })
  async startPayment(@Arg('input', () => StartPaymentInput, INPUT) input: StartPaymentInput, @Ctx() context: Context) {
    const viewer = context.requireViewer();
    const outcome = await context.services.startPayment(viewer, {
      orderId: input.orderId.toLowerCase(),
      provider: input.provider,
      successUrl: input.successUrl ?? null,
      cancelUrl: input.cancelUrl ?? null,
      expectedVersion: input.expectedVersion ?? null,
      idempotencyKey: input.idempotencyKey ?? context.idempotencyKey,
    });
    if (!('session' in outcome)) return outcome;
    return Object.assign(new StartPaymentSuccess(), { ...outcome, session: sessionView(outcome.session) });
  }

  @Directive(Cost.WRITE)
  @Mutation(() => ConfirmPaymentResult, {
    nullable: true,
    description:
      'Tells that the buyer has finished (PayPal’s capture, Razorpay’s proof); the payment’s event completes the order.',
  })
  async confirmPayment(
    @Arg('input', () => ConfirmPaymentInput, INPUT) input: ConfirmPaymentInput,
    @Ctx() context: Context,
  ) {
    const viewer = context.requireViewer();
    const outcome = await context.services.confirmPayment(viewer, {
      orderId: input.orderId.toLowerCase(),
      paymentId: input.paymentId,
      razorpay: input.razorpay ?? null,
      idempotencyKey: input.idempotencyKey ?? context.idempotencyKey,
    });
    return 'payment' in outcome ? Object.assign(new ConfirmPaymentSuccess(), outcome) : outcome;
  }

  @Directive(Cost.WRITE)
  @Mutation(() => CancelPaymentResult, {
    nullable: true,
    description: 'Abandons a payment; again answers success again.',
  })
  async cancelPayment(
    @Arg('input', () => CancelPaymentInput, INPUT) input: CancelPaymentInput,
    @Ctx() context: Context,
  ) {
    const viewer = context.requireViewer();
    const outcome = await context.services.cancelPayment(viewer, {
      orderId: input.orderId.toLowerCase(),
      paymentId: input.paymentId,
    });
    return 'payment' in outcome ? Object.assign(new CancelPaymentSuccess(), outcome) : outcome;
  }
}
