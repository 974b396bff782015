import {
  AlreadyEnrolled,
  CoursesOfCurrency,
  CourseUnavailable,
  CourseUnavailableReason,
  MixedCurrencies,
  OwnCourse,
  UnavailableCourse,
} from '../entities/cart-refusals.js';
import type { PricedItem } from '../entities/order-placing.js';
import { AccountBlocked } from '../entities/refusals.js';
import { isCurrency } from '../entities/shared/currency.js';
import { callerGone } from '../observability/correlation.js';
import type { Course, Neighbours } from '../platform/neighbours.js';
import { priceCourse } from '../policies/pricing.js';

/** What the neighbours say about a buyer and the courses of a cart. */
export interface CartFacts {
  readonly buyerMayBuy: boolean;
  readonly courses: ReadonlyMap<string, Course>;
  readonly enrolledIn: readonly string[];
}

export type CartRefusal = AccountBlocked | CourseUnavailable | OwnCourse | AlreadyEnrolled | MixedCurrencies;

/**
 * Asks the neighbours about a cart, all at once.
 * @throws NeighbourDown when one of them does not answer, AbortError when nobody waits for the answer any more
 */
export async function askAboutCart(
  neighbours: Neighbours,
  buyerId: string,
  courseIds: readonly string[],
): Promise<CartFacts> {
  const [buyer, courses, enrolled] = await Promise.all([
    neighbours.users.findUser(buyerId),
    neighbours.courses.findCourses(courseIds),
    Promise.all(courseIds.map((id) => neighbours.courses.isEnrolled(id, buyerId))),
  ]);
  callerGone()?.throwIfAborted();
  return {
    buyerMayBuy: buyer !== undefined && !buyer.blocked,
    courses,
    enrolledIn: courseIds.filter((_, i) => enrolled[i]),
  };
}

/** Decides whether a buyer may order a cart. Pure. @returns the priced items in the order of the cart, or the refusal */
export function judgeCart(buyerId: string, courseIds: readonly string[], facts: CartFacts): PricedItem[] | CartRefusal {
  if (!facts.buyerMayBuy) return new AccountBlocked();
  const unavailable = courseIds.flatMap((id) => unavailability(id, facts.courses.get(id)) ?? []);
  if (unavailable.length > 0) return new CourseUnavailable(unavailable);
  const courses = courseIds.flatMap((id) => facts.courses.get(id) ?? []);
  const own = courses.filter(({ instructorId }) => instructorId === buyerId).map(({ id }) => id);
  if (own.length > 0) return new OwnCourse(own);
  if (facts.enrolledIn.length > 0) return new AlreadyEnrolled(facts.enrolledIn);
  const byCurrency = [...Map.groupBy(courses, ({ currency }) => currency)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (byCurrency.length > 1) {
    return new MixedCurrencies(
      byCurrency.map(
        ([code, of]) =>
          new CoursesOfCurrency(
            code,
            of.map(({ id }) => id),
          ),
      ),
    );
  }
  return courses.map(priceCourse);
}

function unavailability(id: string, course: Course | undefined): UnavailableCourse | undefined {
  if (!course) return new UnavailableCourse(id, CourseUnavailableReason.NOT_FOUND);
  if (!course.published) return new UnavailableCourse(id, CourseUnavailableReason.NOT_PUBLISHED);
  return isCurrency(course.currency)
    ? undefined
    : new UnavailableCourse(id, CourseUnavailableReason.CURRENCY_UNSUPPORTED);
}
