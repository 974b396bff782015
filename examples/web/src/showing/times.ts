const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A time as the reader writes it, in the reader's time zone. */
export const showMoment = (iso: string): string => MOMENT.format(new Date(iso));

/** From and to, naming the day once where it is one. */
export const showSpan = (from: string, to: string): string => MOMENT.formatRange(new Date(from), new Date(to));
