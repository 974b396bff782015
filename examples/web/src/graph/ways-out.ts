import type { RefusalFragment } from '../generated/graphql';
import { BLOCKED } from '../showing/words';
import type { Problem } from './problems';

/** What the reader can do about a problem. */
export type Way =
  | { readonly kind: 'go'; readonly label: string; readonly to: string }
  | { readonly kind: 'remove'; readonly label: string; readonly courseIds: readonly string[] }
  | { readonly kind: 'retry'; readonly label: string; readonly afterSeconds: number };

/** A problem as a sentence, and the ways out of it. */
export interface WayOut {
  readonly sentence: string;
  readonly ways: readonly Way[];
}

const RETRY_SECONDS = 5;
const again = (afterSeconds?: number | null): Way => {
  const seconds = afterSeconds ?? RETRY_SECONDS;
  return { kind: 'retry', label: 'Try again', afterSeconds: seconds };
};
const go = (label: string, to: string): Way => ({ kind: 'go', label, to });
const remove = (courseIds: readonly string[], label = 'Remove from the cart'): Way => ({
  kind: 'remove',
  label,
  courseIds,
});
const only = (sentence: string): WayOut => ({ sentence, ways: [] });
const titled = (courses: readonly ({ readonly title: string } | null | undefined)[]) =>
  courses.map((course) => course?.title ?? 'a course that is gone').join(', ');

export function wayOutOf(problem: Problem): WayOut {
  switch (problem.kind) {
    case 'refused':
      return wayOutOfRefusal(problem.refusal);
    case 'offline':
      return {
        sentence: 'The shop cannot be reached. Nothing is lost: the next try continues this one.',
        ways: [again()],
      };
    case 'signed-out':
      return { sentence: 'Your sign-in has ended. Sign in again, then try again.', ways: [again(0)] };
    case 'forbidden':
      return only('This is not for your account.');
    case 'busy':
      return { sentence: 'That was a lot in a short time.', ways: [again(problem.retryAfterSeconds)] };
    case 'unavailable':
      return { sentence: 'The shop is busy right now.', ways: [again(problem.retryAfterSeconds)] };
    case 'defect':
      return only(
        problem.correlationId
          ? `Something went wrong here. Tell us this number: ${problem.correlationId}.`
          : `This did not work: ${problem.message}`,
      );
  }
}

/** Every refusal there is: one without a sentence does not compile. */
function wayOutOfRefusal(refusal: RefusalFragment): WayOut {
  switch (refusal.__typename) {
    case 'OpenOrderExists': {
      const ways = refusal.orders.map(({ id, number }) => go(`Go to order ${number}`, `/orders/${id}`));
      return { sentence: 'You have an open order of this already: pay or cancel it first.', ways };
    }
    case 'CourseUnavailable': {
      const courseIds = refusal.unavailable.map(({ courseId }) => courseId);
      const titles = titled(refusal.unavailable.map(({ course }) => course));
      return { sentence: `Not on sale any more: ${titles}.`, ways: [remove(courseIds)] };
    }
    case 'AlreadyEnrolled': {
      const ways = refusal.courseIds.map((id) => go('Go to the course', `/courses/${id}`));
      return {
        sentence: `You own this already: ${titled(refusal.courses)}.`,
        ways: [...ways, remove(refusal.courseIds)],
      };
    }
    case 'OwnCourse':
      return { sentence: `You teach this yourself: ${titled(refusal.courses)}.`, ways: [remove(refusal.courseIds)] };
    case 'CouponRejected':
      return only(COUPON[refusal.couponProblem](refusal.couponCode));
    case 'MixedCurrencies': {
      const codes = refusal.currencies.map(({ currency }) => currency).join(' and ');
      const ways = refusal.currencies.map(({ currency, courseIds }) =>
        remove(courseIds, `Remove what is priced in ${currency}`),
      );
      return { sentence: `Courses priced in ${codes} need an order each.`, ways };
    }
    case 'ServiceUnavailable':
      return {
        sentence: `The ${refusal.service} service does not answer at the moment. Nothing was charged.`,
        ways: [again(refusal.retryAfterSeconds)],
      };
    case 'AccountBlocked':
      return only('This account cannot buy or book. Please contact support.');
    case 'PaymentRefused':
      return {
        sentence: 'The payment was refused. Try another way to pay.',
        ways: [go('Go to the order', `/orders/${refusal.order.id}`)],
      };
    case 'ActionNotAllowed':
    case 'BookingActionNotAllowed':
      return only(BLOCKED[refusal.reason]);
    case 'VersionConflict':
      return only('The order has changed meanwhile. You see it as it is now: decide again.');
    case 'BookingVersionConflict':
      return only('The booking has changed meanwhile. You see it as it is now: decide again.');
    case 'IdempotencyConflict':
      return { sentence: 'An earlier try asked for something else.', ways: [again(0)] };
    case 'InvalidInput':
      return only(`Please correct: ${refusal.fields.map(({ path, message }) => `${path} ${message}`).join('; ')}.`);
    case 'NotFound':
      return { sentence: 'This does not exist, or is not yours.', ways: [go('My orders', '/orders')] };
    case 'SessionFull':
      return only('The last seat has gone. You can wait in line for the next one.');
    case 'SeatsAvailable':
      return only('There are free seats: book one instead of waiting.');
    case 'SessionUnavailable':
      return only(SESSION[refusal.sessionReason]);
    case 'AlreadyBooked':
      return only('You have a seat in this session already.');
    case 'TotalNotPayable':
      return only('This total is too large to be paid at once. Buy fewer courses in one order.');
    case 'SagaNotStuck':
      return only('It goes on by itself again: there is nothing to retry.');
    default:
      return unknown(refusal);
  }
}

const unknown = (refusal: never): WayOut => only((refusal as { message: string }).message);

const COUPON: Readonly<
  Record<Extract<RefusalFragment, { __typename: 'CouponRejected' }>['couponProblem'], (code: string) => string>
> = {
  UNKNOWN: (code) => `There is no coupon ${code}.`,
  EXPIRED: (code) => `The coupon ${code} has ended.`,
  NOT_APPLICABLE: (code) => `The coupon ${code} is not for these courses.`,
};

const SESSION: Readonly<
  Record<Extract<RefusalFragment, { __typename: 'SessionUnavailable' }>['sessionReason'], string>
> = {
  STARTED: 'The session has begun.',
  CANCELLED: 'The session was cancelled.',
  OWN_SESSION: 'You teach this session yourself.',
  CURRENCY_UNSUPPORTED: 'The price of this session is in a currency that cannot be paid.',
};
