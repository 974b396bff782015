import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import { Context } from '../schema/context.js';
import { PlaceOrderInput } from '../schema/inputs.js';
import { PlaceOrderResult, PlaceOrderSuccess } from '../schema/results.js';
import { Cost } from '../schema/costs.js';

@Resolver()
export class PlaceOrderResolver {
  @Directive(Cost.WRITE)
  @Mutation(() => PlaceOrderResult, {
    nullable: true,
    description: 'Orders courses for the viewer, at today’s prices.',
  })
  async placeOrder(
    @Arg('input', () => PlaceOrderInput, { description: 'What to order.' }) input: PlaceOrderInput,
    @Ctx() context: Context,
  ) {
    const viewer = context.requireViewer();
    const outcome = await context.services.placeOrder(viewer.userId, {
      courseIds: input.courseIds,
      couponCode: input.couponCode ?? null,
      idempotencyKey: input.idempotencyKey ?? context.idempotencyKey,
    });
    if (!('replayed' in outcome)) return outcome;
    return Object.assign(new PlaceOrderSuccess(), outcome);
  }
}
