import { ProductKind } from '../entities/enums.js';
import { fromMajorUnits } from '../entities/money.js';
import type { PricedItem } from '../entities/order-placing.js';

/** A course as the course service sells it, in whole major units. */
export interface CourseOffer {
  readonly id: string;
  readonly title: string;
  readonly instructorId: string;
  readonly price: number;
  /** Absent and zero mean no discount: the course service turns an absent one into zero when it saves a course. */
  readonly discountPrice: number | undefined;
  readonly currency: string;
}

/**
 * Prices one course: the discount price where there is one above zero and below the list price, else the list price. So
 * only a course whose list price is zero is free.
 * @throws RangeError for prices or currencies that make no sense
 */
export function priceCourse(offer: CourseOffer): PricedItem {
  const listPrice = fromMajorUnits(offer.price, offer.currency);
  const discounted = offer.discountPrice ? fromMajorUnits(offer.discountPrice, offer.currency) : listPrice;
  return {
    kind: ProductKind.COURSE,
    productId: offer.id,
    title: offer.title,
    instructorId: offer.instructorId,
    listPrice,
    price: discounted.minor < listPrice.minor ? discounted : listPrice,
  };
}
