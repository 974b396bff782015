import type { Viewer } from '../auth/viewer.js';
import type { Services } from '../schema/context.js';
import { badInput, graphError } from '../schema/errors.js';
import { placeOf } from '../subscriptions/change.js';
import { TooManyStreams, ViewerBlocked } from '../subscriptions/stream-gate.js';

/** The place in the viewer's own stream that a client names; null where it names none. @throws BAD_USER_INPUT */
export function readPlace(after: string | null): Date | null {
  if (after === null) return null;
  const place = placeOf(after);
  if (!place) throw badInput('after is not the cursor of a message');
  return place;
}

const RETRY_AFTER_SECONDS = 30;

/**
 * Opens a stream.
 * @throws RATE_LIMITED for a viewer with too many of them, SERVICE_UNAVAILABLE where there are too many in all, FORBIDDEN for
 *   a blocked account
 */
export async function openStream<T>(
  { mayFollow }: Pick<Services, 'mayFollow'>,
  viewer: Viewer,
  open: () => T,
): Promise<T> {
  // A user who was unblocked is noticed by asking.
  await mayFollow(viewer.userId);
  try {
    return open();
  } catch (error) {
    if (error instanceof ViewerBlocked) throw graphError('FORBIDDEN', 'Your account is blocked.');
    if (!(error instanceof TooManyStreams)) throw error;
    const code = error.of === 'viewer' ? 'RATE_LIMITED' : 'SERVICE_UNAVAILABLE';
    throw graphError(code, error.message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
