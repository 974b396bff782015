import { randomUUID } from 'node:crypto';
import { Refused, TryAgain, unknownMember } from './errors.js';
import { PlaceOrderDocument } from './generated/graphql.js';
import type { OrderSummaryFragment, PlaceOrderInput } from './generated/graphql.js';
import type { GraphClient } from './graph-client.js';
import { withRetries } from './retry.js';

export interface Placed {
  readonly order: OrderSummaryFragment;
  /** `earlier` is what an earlier try placed, or an order of these courses that waits to be paid. */
  readonly when: 'now' | 'earlier';
}

/** Orders courses, exactly once however often it must be tried. @throws Refused, TryAgain */
export function placeOrder(graph: GraphClient, courseIds: string[]): Promise<Placed> {
  const input = { courseIds, idempotencyKey: randomUUID() };
  return withRetries(() => tryToPlace(graph, input));
}

async function tryToPlace(graph: GraphClient, input: PlaceOrderInput): Promise<Placed> {
  const { placeOrder: result } = await graph.ask(PlaceOrderDocument, { input });
  switch (result?.__typename) {
    case 'PlaceOrderSuccess':
      return { order: result.order, when: result.replayed ? 'earlier' : 'now' };
    case 'OpenOrderExists': {
      const [order] = result.orders;
      if (order && result.orders.length === 1) return { order, when: 'earlier' };
      throw new Refused(result.message);
    }
    case 'ServiceUnavailable':
      throw new TryAgain(result.message, result.retryAfterSeconds);
    case 'CourseUnavailable':
      throw new Refused(
        result.message,
        result.unavailable.map(({ courseId, courseReason }) => `${courseId}: ${courseReason}`),
      );
    case 'AlreadyEnrolled':
    case 'OwnCourse':
      throw new Refused(result.message, result.courseIds);
    case 'CouponRejected':
      throw new Refused(result.message, [result.couponProblem]);
    case 'MixedCurrencies':
      throw new Refused(
        result.message,
        result.currencies.map(({ currency, courseIds }) => `${currency}: ${courseIds.join(', ')}`),
      );
    case 'AccountBlocked':
    case 'IdempotencyConflict':
    case 'InvalidInput':
    case 'TotalNotPayable':
      throw new Refused(result.message);
    case undefined:
      throw new TryAgain('the order was not placed, and the graph does not say why');
    default:
      return unknownMember(result);
  }
}
