import { randomUUID } from 'node:crypto';
import { Money } from '../../src/entities/money.js';
import type { LiveSession } from '../../src/entities/session.js';
import type { StubNeighbours } from '../../tests/support/stub-neighbours.js';

const PRICE = new Money(19_900n, 'INR');
const STARTS_IN_MS = 7 * 24 * 3_600_000;
const LENGTH_MS = 3_600_000;

/** What one caller books: a seat, by somebody who has none, under a key of its own. */
export interface Wish {
  readonly attendeeId: string;
  readonly session: LiveSession;
  readonly key: string;
}

/** Announces so many priced sessions with so many seats each. @returns makes the next wish, one session after the other */
export function announceSessions(
  neighbours: StubNeighbours,
  name: string,
  { sessions, capacity }: { readonly sessions: number; readonly capacity: number },
): () => Wish {
  const startsAt = new Date(Date.now() + STARTS_IN_MS);
  const endsAt = new Date(startsAt.getTime() + LENGTH_MS);
  const known = Array.from({ length: sessions }, (_, i) => {
    const id = neighbours.addSession(`${name} ${i}`, { price: PRICE, capacity, startsAt, endsAt });
    return neighbours.liveSessions.get(id) as LiveSession;
  });
  let next = 0;
  return () => ({
    attendeeId: randomUUID(),
    session: known[next++ % sessions] as LiveSession,
    key: randomUUID(),
  });
}
