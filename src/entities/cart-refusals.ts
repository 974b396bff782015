import { CurrencyScalar } from './shared/currency.js';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Order } from './order.js';
import { ErrorCode, UserError } from './refusals.js';

export enum CourseUnavailableReason {
  NOT_FOUND = 'NOT_FOUND',
  NOT_PUBLISHED = 'NOT_PUBLISHED',
  CURRENCY_UNSUPPORTED = 'CURRENCY_UNSUPPORTED',
}
registerEnumType(CourseUnavailableReason, {
  name: 'CourseUnavailableReason',
  description: 'Why a course is not for sale.',
  valuesConfig: {
    NOT_FOUND: { description: 'There is no such course.' },
    NOT_PUBLISHED: { description: 'It is not published.' },
    CURRENCY_UNSUPPORTED: { description: 'Its price is not in an ISO 4217 currency.' },
  },
});

export enum CouponProblem {
  UNKNOWN = 'UNKNOWN',
  EXPIRED = 'EXPIRED',
  NOT_APPLICABLE = 'NOT_APPLICABLE',
}
registerEnumType(CouponProblem, {
  name: 'CouponProblem',
  description: 'Why a coupon does not count.',
  valuesConfig: {
    UNKNOWN: { description: 'There is no such coupon.' },
    EXPIRED: { description: 'Its time has passed.' },
    NOT_APPLICABLE: { description: 'It is not for these courses.' },
  },
});

@ObjectType({ description: 'A course that is not for sale.' })
export class UnavailableCourse {
  @Field(() => ID, { description: 'Id of the course.' })
  readonly courseId: string;

  @Field(() => CourseUnavailableReason, { description: 'Why.' })
  readonly courseReason: CourseUnavailableReason;

  constructor(courseId: string, courseReason: CourseUnavailableReason) {
    this.courseId = courseId;
    this.courseReason = courseReason;
  }
}

@ObjectType({ implements: UserError, description: 'Courses of the cart are not for sale.' })
export class CourseUnavailable extends UserError {
  @Field(() => [UnavailableCourse], { description: 'Which, and why.' })
  readonly unavailable: readonly UnavailableCourse[];

  constructor(unavailable: readonly UnavailableCourse[]) {
    super(ErrorCode.COURSE_UNAVAILABLE, 'Some courses are not for sale.');
    this.unavailable = unavailable;
  }
}

@ObjectType({ implements: UserError, description: 'The buyer has courses of the cart already.' })
export class AlreadyEnrolled extends UserError {
  @Field(() => [ID], { description: 'Which.' })
  readonly courseIds: readonly string[];

  constructor(courseIds: readonly string[]) {
    super(ErrorCode.ALREADY_ENROLLED, 'You have some of these courses already.');
    this.courseIds = courseIds;
  }
}

@ObjectType({ implements: UserError, description: 'The buyer teaches courses of the cart.' })
export class OwnCourse extends UserError {
  @Field(() => [ID], { description: 'Which.' })
  readonly courseIds: readonly string[];

  constructor(courseIds: readonly string[]) {
    super(ErrorCode.OWN_COURSE, 'You teach some of these courses.');
    this.courseIds = courseIds;
  }
}

@ObjectType({ implements: UserError, description: 'Open orders of the buyer have courses of the cart.' })
export class OpenOrderExists extends UserError {
  @Field(() => [ID], { description: 'Which courses.' })
  readonly courseIds: readonly string[];

  @Field(() => [Order], { description: 'The orders that wait to be paid.' })
  readonly orders: readonly Order[];

  constructor(courseIds: readonly string[], orders: readonly Order[]) {
    super(ErrorCode.OPEN_ORDER_EXISTS, 'An order of these courses waits to be paid.');
    this.courseIds = courseIds;
    this.orders = orders;
  }
}

@ObjectType({ implements: UserError, description: 'The coupon does not count.' })
export class CouponRejected extends UserError {
  @Field(() => String, { description: 'The coupon.' })
  readonly couponCode: string;

  @Field(() => CouponProblem, { description: 'Why.' })
  readonly couponProblem: CouponProblem;

  constructor(couponCode: string, couponProblem: CouponProblem) {
    super(ErrorCode.COUPON_REJECTED, 'This coupon does not count.');
    this.couponCode = couponCode;
    this.couponProblem = couponProblem;
  }
}

@ObjectType({ description: 'The courses of a cart that are priced in one currency.' })
export class CoursesOfCurrency {
  @Field(() => CurrencyScalar, { description: 'The currency, as an ISO 4217 code.' })
  readonly currency: string;

  @Field(() => [ID], { description: 'The courses that are priced in it.' })
  readonly courseIds: readonly string[];

  constructor(currency: string, courseIds: readonly string[]) {
    this.currency = currency;
    this.courseIds = courseIds;
  }
}

@ObjectType({
  implements: UserError,
  description: 'The courses of the cart are priced in several currencies: place one order for each of them.',
})
export class MixedCurrencies extends UserError {
  @Field(() => [CoursesOfCurrency], { description: 'The courses of each currency, by its code.' })
  readonly currencies: readonly CoursesOfCurrency[];

  constructor(currencies: readonly CoursesOfCurrency[]) {
    const codes = currencies.map(({ currency }) => currency).join(', ');
    super(ErrorCode.MIXED_CURRENCIES, `Courses priced in ${codes} cannot be bought with one order.`);
    this.currencies = currencies;
  }
}
