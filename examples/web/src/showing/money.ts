import type { MoneyPartsFragment } from '../generated/graphql';

const formatOf = (currency: string, digits: Intl.NumberFormatOptions = {}) =>
  new Intl.NumberFormat(undefined, { style: 'currency', currency, ...digits });

/** An amount in its currency's smallest unit, as the reader writes it. */
export function showMoney({ amount, currency, decimalPlaces }: MoneyPartsFragment): string {
  const digits = { minimumFractionDigits: decimalPlaces, maximumFractionDigits: decimalPlaces };
  return formatOf(currency, digits).format(amount / 10 ** decimalPlaces);
}

/** An amount in whole units, as the course service states prices. */
export const showPrice = (amount: number, currency: string): string => formatOf(currency).format(amount);
