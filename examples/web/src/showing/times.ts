const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** Times as the reader writes them, in the reader's time zone. */
export const showDay = (iso: string): string => DAY.format(new Date(iso));
export const showMoment = (iso: string): string => MOMENT.format(new Date(iso));
export const showTime = (iso: string): string => TIME.format(new Date(iso));

/** From and to, naming the day once where it is one. */
export const showSpan = (from: string, to: string): string => MOMENT.formatRange(new Date(from), new Date(to));
