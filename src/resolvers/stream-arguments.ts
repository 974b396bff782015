import { badInput } from '../schema/errors.js';
import { placeOf } from '../subscriptions/change.js';

/** The place in the viewer's own stream that a client names; null where it names none. @throws BAD_USER_INPUT */
export function readPlace(after: string | null): Date | null {
  if (after === null) return null;
  const place = placeOf(after);
  if (!place) throw badInput('after is not the cursor of a message');
  return place;
}
