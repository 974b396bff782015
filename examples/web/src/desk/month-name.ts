const MONTH = new Intl.DateTimeFormat(undefined, { month: 'short', timeZone: 'UTC' });

/** @param month 1 to 12 */
export const monthName = (month: number): string => MONTH.format(new Date(Date.UTC(2000, month - 1, 15)));
