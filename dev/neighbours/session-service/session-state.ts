import type { Pool, PoolClient } from 'pg';
import type { SampleSession } from '../../sample/sample-data.js';

/** What the operations of the session service work with. */
export interface SessionDesk {
  readonly pool: Pool;
  /** The sample's, by id; the database holds only what differs from them. */
  readonly sample: ReadonlyMap<string, SampleSession>;
  /** Called after a commit that has put something into the outbox. */
  readonly wakeOutbox: () => void;
}

/** What can differ from the sample. A session that is cancelled or removed stays so. */
export interface SessionChange {
  readonly maxSlots?: number;
  readonly startsAt?: Date;
  readonly endsAt?: Date;
  readonly cancelledAt?: Date;
  readonly removedAt?: Date;
}

type StoredChange = Readonly<Record<'maxSlots', number | null>> &
  Readonly<Record<'startsAt' | 'endsAt' | 'cancelledAt' | 'removedAt', Date | null>>;

/** The session as it is now; undefined when it is unknown, cancelled or removed. */
export async function findSession({ pool, sample }: SessionDesk, id: string): Promise<SampleSession | undefined> {
  const session = sample.get(id);
  if (!session) return undefined;
  const [found] = await asTheyAreNow(pool, [session]);
  return found;
}

/** The sessions as they are now, in the order of the sample, without those that are cancelled or removed. */
export function listSessions({ pool, sample }: SessionDesk): Promise<SampleSession[]> {
  return asTheyAreNow(pool, [...sample.values()]);
}

async function asTheyAreNow(pool: Pool, sessions: readonly SampleSession[]): Promise<SampleSession[]> {
  const { rows } = await pool.query<StoredChange & { id: string }>(
    `SELECT id, max_slots AS "maxSlots", starts_at AS "startsAt", ends_at AS "endsAt",
            cancelled_at AS "cancelledAt", removed_at AS "removedAt"
     FROM neighbours.sessions WHERE id = ANY ($1::text[])`,
    [sessions.map(({ id }) => id)],
  );
  const changes = new Map(rows.map((row) => [row.id, row]));
  return sessions.flatMap((session) => changed(session, changes.get(session.id)) ?? []);
}

function changed(session: SampleSession, change: StoredChange | undefined): SampleSession | undefined {
  if (!change) return session;
  if (change.cancelledAt || change.removedAt) return undefined;
  return {
    ...session,
    maxSlots: change.maxSlots ?? session.maxSlots,
    startsAt: change.startsAt ?? session.startsAt,
    endsAt: change.endsAt ?? session.endsAt,
  };
}

/** Stores a change beside the earlier ones. @returns false, and nothing is stored, when the session is cancelled or removed */
export async function storeChange(db: Pool | PoolClient, id: string, change: SessionChange): Promise<boolean> {
  const { maxSlots, startsAt, endsAt, cancelledAt, removedAt } = change;
  const { rowCount } = await db.query(
    `INSERT INTO neighbours.sessions AS stored (id, max_slots, starts_at, ends_at, cancelled_at, removed_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET
       max_slots = coalesce(excluded.max_slots, stored.max_slots),
       starts_at = coalesce(excluded.starts_at, stored.starts_at),
       ends_at = coalesce(excluded.ends_at, stored.ends_at),
       cancelled_at = excluded.cancelled_at,
       removed_at = excluded.removed_at
     WHERE stored.cancelled_at IS NULL AND stored.removed_at IS NULL`,
    [id, maxSlots, startsAt, endsAt, cancelledAt, removedAt],
  );
  return rowCount === 1;
}
