import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import { OwnCourse, CourseUnavailable, CourseUnavailableReason, UnavailableCourse } from '../entities/cart-refusals.js';
import { Context } from '../schema/context.js';
import { CancelOrderInput, RestoreOrderInput } from '../schema/inputs.js';
import {
  CancelOrderResult,
  CancelOrderSuccess,
  RestoreOrderResult,
  RestoreOrderSuccess,
} from '../schema/order-results.js';
import { Cost } from '../schema/costs.js';

const INPUT = { description: 'Which order.' };

@Resolver()
export class OrderLifeResolver {
  @Directive(Cost.WRITE)
  @Mutation(() => CancelOrderResult, {
    nullable: true,
    description: 'Cancels an unpaid order; again answers success again.',
  })
  async cancelOrder(@Arg('input', () => CancelOrderInput, INPUT) input: CancelOrderInput, @Ctx() context: Context) {
    const outcome = await context.services.cancelOrder(context.requireViewer(), {
      orderId: input.orderId.toLowerCase(),
      note: input.note ?? null,
      expectedVersion: input.expectedVersion ?? null,
    });
    return 'code' in outcome ? outcome : new CancelOrderSuccess(outcome.order);
  }

  @Directive(Cost.WRITE)
  @Mutation(() => RestoreOrderResult, {
    nullable: true,
    description: 'Makes a failed, cancelled or expired order payable again, at today’s prices.',
  })
  async restoreOrder(@Arg('input', () => RestoreOrderInput, INPUT) input: RestoreOrderInput, @Ctx() context: Context) {
    const outcome = await context.services.restoreOrder(context.requireViewer(), {
      orderId: input.orderId.toLowerCase(),
      couponCode: input.couponCode ?? null,
      expectedVersion: input.expectedVersion ?? null,
    });
    if (outcome instanceof OwnCourse) return notForSale(outcome);
    return 'code' in outcome ? outcome : new RestoreOrderSuccess(outcome.order);
  }
}

/** A buyer who has become the instructor since: the course is not for sale to them. */
function notForSale({ courseIds }: OwnCourse): CourseUnavailable {
  return new CourseUnavailable(courseIds.map((id) => new UnavailableCourse(id, CourseUnavailableReason.NOT_PUBLISHED)));
}
