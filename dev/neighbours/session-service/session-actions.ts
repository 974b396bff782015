import type { SampleSession } from '../../sample/sample-data.js';
import { TOPIC_SESSION_CANCELLED, toMessage } from '../events.js';
import { enqueue } from '../store/outbox.js';
import { inTransaction } from '../store/transaction.js';
import type { SessionChange, SessionDesk } from './session-state.js';
import { findSession, storeChange } from './session-state.js';

/** The most seats that a session can be given. */
export const MOST_SEATS = 100_000;

const USUAL_LENGTH_MS = 3_600_000;

/** What `session.cancelled.v1` tells. */
export interface Cancellation {
  readonly sessionId: string;
  /** ISO 8601 */
  readonly cancelledAt: string;
}

// Each of the actions answers undefined for a session that is unknown, cancelled or removed, and does nothing then.

/** Cancels a session and tells it, in one transaction. */
export async function cancelSession(desk: SessionDesk, id: string): Promise<Cancellation | undefined> {
  if (!desk.sample.has(id)) return undefined;
  const cancellation = await inTransaction(desk.pool, async (client) => {
    const cancelledAt = new Date();
    if (!(await storeChange(client, id, { cancelledAt }))) return undefined;
    const told = { sessionId: id, cancelledAt: cancelledAt.toISOString() };
    await enqueue(client, [cancelledMessage(told)]);
    return told;
  });
  desk.wakeOutbox();
  return cancellation;
}

function cancelledMessage(payload: Cancellation) {
  return toMessage({
    topic: TOPIC_SESSION_CANCELLED,
    key: payload.sessionId,
    eventType: 'SessionCancelled',
    source: 'session-service',
    payload,
  });
}

/** Makes a session vanish without a word. */
export async function removeSession(desk: SessionDesk, id: string): Promise<{ sessionId: string } | undefined> {
  if (!desk.sample.has(id)) return undefined;
  return (await storeChange(desk.pool, id, { removedAt: new Date() })) ? { sessionId: id } : undefined;
}

/** Gives a session another number of seats, 0 to MOST_SEATS; also fewer than are booked. */
export function resizeSession(desk: SessionDesk, id: string, maxSlots: number): Promise<SampleSession | undefined> {
  return change(desk, id, () => ({ maxSlots }));
}

/** Lets a session begin at another time. It lasts as long as before, an hour where it had no times. */
export function moveSession(desk: SessionDesk, id: string, startsAt: Date): Promise<SampleSession | undefined> {
  return change(desk, id, (session) => ({ startsAt, endsAt: new Date(startsAt.getTime() + lengthMs(session)) }));
}

function lengthMs({ startsAt, endsAt }: SampleSession): number {
  return startsAt && endsAt ? endsAt.getTime() - startsAt.getTime() : USUAL_LENGTH_MS;
}

async function change(desk: SessionDesk, id: string, changeOf: (session: SampleSession) => SessionChange) {
  const session = await findSession(desk, id);
  if (!session || !(await storeChange(desk.pool, id, changeOf(session)))) return undefined;
  return findSession(desk, id);
}
