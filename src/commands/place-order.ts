import { AlreadyEnrolled, CouponRejected, OpenOrderExists } from '../entities/cart-refusals.js';
import { orderNumber } from '../entities/order-number.js';
import { placeOrder as place, type PricedItem } from '../entities/order-placing.js';
import { Order } from '../entities/order.js';
import { checkFloatAmounts, type TotalNotPayable } from '../entities/payment/amount-errors.js';
import { IdempotencyConflict, ServiceUnavailable, type InvalidInput } from '../entities/refusals.js';
import { detached } from '../persistence/change-order.js';
import { isConnectionError, isDatabaseAway, violatedConstraint } from '../persistence/errors.js';
import { WriterBusy } from '../persistence/group-writer.js';
import { remembered, rememberWith, requestHash, type Remembered, type RequestKey } from '../persistence/idempotency.js';
import { createRequestLookup } from '../persistence/request-lookup.js';
import { NeighbourDown } from '../platform/neighbours.js';
import { couponProblem } from '../policies/coupons.js';
import { actorFor } from './shared/actor-for.js';
import { askAboutCart, judgeCart, type CartRefusal } from './cart.js';
import { explainClaims } from './claims.js';
import type { Environment } from './environment.js';
import { findEqualOrder } from './equal-order.js';
import { SingleFlight } from './single-flight.js';
import { InputCheck } from './validation.js';

export interface PlaceOrderInput {
  readonly courseIds: readonly string[];
  readonly couponCode: string | null;
  readonly idempotencyKey: string | null;
  /** A payable order of the same courses at the same total is the answer: for callers that make a key for every try. */
  readonly answerEqualOrder?: boolean;
  /** The operator who places it for the buyer; absent where the buyer does. */
  readonly operatorId?: string | undefined;
}

export type PlaceOrderOutcome =
  | { readonly order: Order; readonly replayed: boolean }
  | InvalidInput
  | CartRefusal
  | CouponRejected
  | OpenOrderExists
  | TotalNotPayable
  | IdempotencyConflict
  | ServiceUnavailable;

export type PlaceOrder = (buyerId: string, input: PlaceOrderInput) => Promise<PlaceOrderOutcome>;

const NUMBER_TRIES = 3;

/**
 * Places an order of courses: the neighbours are asked, then order, items, claims, event, message and idempotency row are
 * written in one transaction shared with other placements. A refusal leaves no row behind.
 */
export function createPlaceOrder(env: Environment): PlaceOrder {
  const inFlight = new SingleFlight();
  const lookUpRequest = createRequestLookup(env.fork);
  return async (buyerId, input) => {
    const invalid = checkInput(input, env.policies.cartLimit);
    if (invalid) return invalid;
    const request = requestKey(buyerId, input);
    const place = async () => {
      const before = request && (await replay(env, request, await lookUpRequest(request, env.clock.now())));
      return before ?? (await placeNew(env, buyerId, input, request));
    };
    try {
      return await (request ? inFlight.run(`${buyerId}\n${request.key}`, place) : place());
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      env.log.warn({ err: error }, 'placing refused: the database is away');
      return new ServiceUnavailable('order');
    }
  };
}

function checkInput(
  { courseIds, idempotencyKey, couponCode }: PlaceOrderInput,
  cartLimit: number,
): InvalidInput | undefined {
  const check = new InputCheck()
    .expect(courseIds.length > 0, 'courseIds', 'is empty')
    .expect(courseIds.length <= cartLimit, 'courseIds', `has more than ${cartLimit} courses`)
    .text(couponCode, 'couponCode', { min: 1, max: 64 })
    .idempotencyKey(idempotencyKey);
  courseIds.slice(0, cartLimit).forEach((id, i) => {
    const first = courseIds.findIndex((other) => other.toLowerCase() === id.toLowerCase());
    check.uuid(id, `courseIds[${i}]`).expect(first === i, `courseIds[${i}]`, `repeats courseIds[${first}]`);
  });
  return check.refusal();
}

/** Under which key a placement is remembered; undefined without one. */
export function requestKey(
  viewerId: string,
  { courseIds, couponCode, idempotencyKey: key }: PlaceOrderInput,
): RequestKey | undefined {
  if (key === null) return undefined;
  return {
    viewerId,
    operation: 'placeOrder',
    key,
    requestHash: requestHash({ courseIds: courseIds.map((id) => id.toLowerCase()).sort(), couponCode }),
  };
}

/** The answer of an earlier call under the same key, if there was one. */
async function replay(
  env: Environment,
  request: RequestKey,
  known: Remembered,
): Promise<PlaceOrderOutcome | undefined> {
  if (known.is === 'other') return new IdempotencyConflict(request.key);
  if (known.is !== 'done') return undefined;
  const order = await env.fork().findOneOrFail(Order, known.result);
  return { order: detached(order), replayed: true };
}

/** The same, when another call may have been first a moment ago. */
async function replayNow(env: Environment, request: RequestKey): Promise<PlaceOrderOutcome | undefined> {
  return replay(env, request, await remembered(env.fork, request, env.clock.now()));
}

async function placeNew(
  env: Environment,
  buyerId: string,
  input: PlaceOrderInput,
  request: RequestKey | undefined,
): Promise<PlaceOrderOutcome> {
  const { couponCode } = input;
  const problem = couponProblem(couponCode);
  if (couponCode !== null && problem) return new CouponRejected(couponCode, problem);
  const courseIds = input.courseIds.map((id) => id.toLowerCase());
  const judged = await judge(env, buyerId, courseIds);
  if (Array.isArray(judged)) {
    const unpayable = env.policies.paysInFloats ? checkFloatAmounts(judged) : undefined;
    return unpayable ?? write(env, buyerId, judged, input, request);
  }
  // What a call under the same key has just placed may be delivered already: its order is then what refuses this one.
  const before = request && judged instanceof AlreadyEnrolled && (await replayNow(env, request));
  return before || judged;
}

async function judge(env: Environment, buyerId: string, courseIds: readonly string[]) {
  try {
    return judgeCart(buyerId, courseIds, await askAboutCart(env.neighbours, buyerId, courseIds));
  } catch (error) {
    if (!(error instanceof NeighbourDown)) throw error;
    const { service, wasAsked, cause } = error;
    // Under load there are hundreds a second of the others.
    if (wasAsked) env.log.warn({ service, reason: String(cause) }, 'placing refused: a neighbour does not answer');
    return new ServiceUnavailable(error.service);
  }
}

async function write(
  env: Environment,
  buyerId: string,
  items: readonly PricedItem[],
  input: PlaceOrderInput,
  request: RequestKey | undefined,
): Promise<PlaceOrderOutcome> {
  const now = env.clock.now();
  const payableUntil = new Date(now.getTime() + env.policies.payableMs);
  const fixed = {
    id: env.newId(),
    itemIds: items.map(() => env.newId()),
    buyerId,
    items,
    couponCode: input.couponCode,
    by: actorFor(buyerId, input.operatorId),
    now,
    payableUntil,
  };
  for (let attempt = 0; ; attempt++) {
    const placement = { ...fixed, number: orderNumber(fixed.id, attempt) };
    try {
      const order = await env.writer.write((em) => {
        const placed = place(placement);
        em.persist(placed);
        if (request) rememberWith(em, request, placed.id, now);
        return placed;
      });
      return { order: detached(order), replayed: false };
    } catch (error) {
      if (violatedConstraint(error) === 'orders_number_key' && attempt < NUMBER_TRIES) continue;
      const outcome = await explain(env, error, fixed.id, buyerId, items, request);
      const repeats = input.answerEqualOrder && outcome instanceof OpenOrderExists;
      return (repeats && (await answerEqual(env, outcome, items, request))) || outcome;
    }
  }
}

/** The key of a placement that another key's order answers is remembered like one of its own. */
async function answerEqual(
  env: Environment,
  refusal: OpenOrderExists,
  items: readonly PricedItem[],
  request: RequestKey | undefined,
): Promise<PlaceOrderOutcome | undefined> {
  const order = await findEqualOrder(env, refusal, items);
  if (!order) return undefined;
  const now = env.clock.now();
  try {
    if (request) await env.fork().transactional(async (em) => rememberWith(em, request, order.id, now));
  } catch (error) {
    if (!request || !violatedConstraint(error)) throw error;
    return replayNow(env, request);
  }
  return { order, replayed: true };
}

/** What a failed write means: somebody was first, the answer was lost, or the database cannot take it now. */
async function explain(
  env: Environment,
  error: unknown,
  id: string,
  buyerId: string,
  items: readonly PricedItem[],
  request: RequestKey | undefined,
): Promise<PlaceOrderOutcome> {
  if (error instanceof WriterBusy) return new ServiceUnavailable('order');
  if (violatedConstraint(error)) {
    const before = request && (await replayNow(env, request));
    if (before) return before;
    if (violatedConstraint(error) !== 'order_claims_pkey') throw error;
    const wanted = items.map(({ productId }) => productId);
    return explainClaims(env, buyerId, wanted);
  }
  if (!isConnectionError(error)) throw error;
  env.log.warn({ err: error, orderId: id }, 'the answer to a placement was lost: looking it up');
  // While the database stays away nobody knows; who asks again with the same key learns what became of it.
  const order = await env.fork().findOne(Order, id);
  return order ? { order: detached(order), replayed: false } : new ServiceUnavailable('order');
}
