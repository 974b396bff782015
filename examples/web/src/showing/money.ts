import type { MoneyPartsFragment } from '../generated/graphql';

const formatOf = (currency: string, digits: Intl.NumberFormatOptions = {}) =>
  new Intl.NumberFormat(undefined, { style: 'currency', currency, ...digits });

/** An amount in its currency's smallest unit, as the reader writes it. */
export function showMoney({ amount, currency, decimalPlaces }: MoneyPartsFragment): string {
  const digits = { minimumFractionDigits: decimalPlaces, maximumFractionDigits: decimalPlaces };
  return formatOf(currency, digits).format(amount / 10 ** decimalPlaces);
}

/** What a course costs today, in whole units: a discount price of zero is none. */
export const priceToday = ({ price, discountPrice }: { price: number; discountPrice?: number | null }): number =>
  discountPrice ? Math.min(discountPrice, price) : price;

/** An amount in whole units, as the course service states prices. */
export const showPrice = (amount: number, currency: string): string => formatOf(currency).format(amount);
