import type { EntityManager, Fork } from '../orm.js';

/** Remembers users as blocked, in the caller's transaction. Who is blocked already stays so from now on. */
export async function rememberBlocked(em: EntityManager, userIds: readonly string[], now: Date): Promise<void> {
  // Sorted, so that two batches with the same users wait for each other instead of dying in a deadlock.
  const ids = [...new Set(userIds)].sort();
  await em.execute(
    `insert into blocked_users (user_id, blocked_at) values ${ids.map(() => '(?, ?)').join(', ')}
     on conflict (user_id) do update set blocked_at = excluded.blocked_at`,
    ids.flatMap((id) => [id, now]),
  );
}

/** Forgets that a user is blocked, unless they were blocked again since. */
export async function forgetBlocked(fork: Fork, userId: string, blockedAt: Date): Promise<void> {
  await fork().execute(`delete from blocked_users where user_id = ? and blocked_at <= ?`, [userId, blockedAt]);
}

/** All blocked users, with the time from which they are. */
export async function readBlocked(fork: Fork): Promise<ReadonlyMap<string, Date>> {
  const rows = await fork().execute<{ user_id: string; blocked_at: string }[]>(
    `select user_id, blocked_at from blocked_users`,
  );
  return new Map(rows.map(({ user_id, blocked_at }) => [user_id, new Date(blocked_at)]));
}
