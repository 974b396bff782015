import { Field, ObjectType } from 'type-graphql';
import { Money } from '../money.js';
import { ErrorCode, UserError } from '../refusals.js';
import { isExactInFloat, LARGEST_FLOAT_EXACT } from './exact-amount.js';

@ObjectType({
  implements: UserError,
  description:
    'The payment service cannot be given this total exactly, so that nobody could pay it. Every total up to the limit can be paid.',
})
export class TotalNotPayable extends UserError {
  @Field(() => Money, { description: 'The total that cannot be paid.' })
  readonly total: Money;

  @Field(() => Money, { description: 'The limit up to which every total can be paid.' })
  readonly limit: Money;

  constructor(total: Money, limit: Money) {
    super(
      ErrorCode.TOTAL_NOT_PAYABLE,
      `This total cannot be paid in one order. Every total up to ${limit.minor} minor units of ${limit.currency} can be.`,
    );
    this.total = total;
    this.limit = limit;
  }
}

/** The price of one item of an order. */
interface Priced {
  readonly listPrice: Money;
  readonly price: Money;
}

/**
 * Checks that a payment service that reads amounts as 32-bit floats gets every amount of an order exactly: its prices, its
 * total, and what they are made of. Pure.
 * @param items at least one, all of one currency
 */
export function checkFloatAmounts(items: readonly Priced[]): TotalNotPayable | undefined {
  const [first] = items;
  if (!first) return undefined;
  const { currency } = first.price;
  const sum = (of: (item: Priced) => Money) => items.reduce((minor, item) => minor + of(item).minor, 0n);
  const [subtotal, total] = [sum(({ listPrice }) => listPrice), sum(({ price }) => price)];
  const amounts = [subtotal, total, subtotal - total, ...items.map(({ price }) => price.minor)];
  const inexact = amounts.filter((minor) => !isExactInFloat(minor));
  if (inexact.length === 0) return undefined;
  return new TotalNotPayable(
    new Money(inexact.includes(total) ? total : (inexact[0] ?? total), currency),
    new Money(LARGEST_FLOAT_EXACT, currency),
  );
}
