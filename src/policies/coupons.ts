import { CouponProblem } from '../entities/cart-refusals.js';

/** The platform has no coupons yet: every code is unknown. A site adds its own here. */
export function couponProblem(code: string | null): CouponProblem | null {
  return code === null ? null : CouponProblem.UNKNOWN;
}
