import type { MoneyPartsFragment } from '../generated/graphql';

const formatOf = (currency: string) => new Intl.NumberFormat(undefined, { style: 'currency', currency });

/** An amount in its currency's smallest unit, as the reader writes it. */
export function showMoney({ amount, currency }: MoneyPartsFragment): string {
  const format = formatOf(currency);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** An amount in whole units, as the course service states prices. */
export const showPrice = (amount: number, currency: string): string => formatOf(currency).format(amount);
