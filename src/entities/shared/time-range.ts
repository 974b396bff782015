/** The first and last moment that requests may name: years 1 to 9999, which PostgreSQL and ISO 8601 both write in four digits. */
const FIRST_MOMENT = new Date('0001-01-01T00:00:00Z').getTime();
const LAST_MOMENT = new Date('9999-12-31T23:59:59.999Z').getTime();

/** Whether a time can be compared with stored ones. False for an invalid date. */
export function isStorableTime(time: Date): boolean {
  return time.getTime() >= FIRST_MOMENT && time.getTime() <= LAST_MOMENT;
}
