import { isBelievable } from '../entities/shared/believable-time.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** What the course service says about a course. */
export interface CourseMessage {
  readonly courseId: string;
  readonly change: 'updated' | 'published' | 'unpublished' | 'deleted';
  /** When it happened, by the clock of the course service; null where that is not told. */
  readonly at: Date | null;
  readonly inbox: InboxKey;
}

/**
 * Takes news of courses in: what was remembered of them counts no more, and a deleted one is not sold any more although the
 * course service still shows it for minutes. Orders that have been placed go on.
 */
export async function recordCourseNews(env: Environment, messages: readonly CourseMessage[]): Promise<string[]> {
  const outcomes = await env.fork().transactional(async (em) => {
    const inboxes = messages.map(({ inbox }) => inbox);
    const now = env.clock.now();
    const isNew = await takeIn(em, inboxes, now);
    const fresh = messages.map(({ inbox }) => isNew(inbox));
    await rememberDeleted(
      em,
      messages.filter((_, i) => fresh[i]),
      now,
    );
    return fresh.map((one) => (one ? 'applied' : 'repeated'));
  });
  await env.neighbours.courses.forget(messages.map(({ courseId }) => courseId));
  return outcomes;
}

/**
 * The later change of a course counts: by the time that the course service says, where that is believable, else by the order in
 * which messages arrive. Of equal times the one that arrives later is the later one.
 */
async function rememberDeleted(em: EntityManager, messages: readonly CourseMessage[], now: Date): Promise<void> {
  for (const { courseId, change, at } of messages) {
    const told = at && isBelievable(at, now) ? at : null;
    const [time, byArrival] = [told ?? now, told === null];
    if (change === 'deleted') {
      await em.execute(
        `insert into deleted_courses (course_id, deleted_at, by_arrival) values (?, ?, ?)
         on conflict (course_id) do update set deleted_at = greatest(deleted_courses.deleted_at, excluded.deleted_at),
           by_arrival = case when excluded.deleted_at >= deleted_courses.deleted_at then excluded.by_arrival
             else deleted_courses.by_arrival end`,
        [courseId, time, byArrival],
      );
    } else if (change === 'published') {
      await em.execute('delete from deleted_courses where course_id = ? and (? or by_arrival or deleted_at <= ?)', [
        courseId,
        byArrival,
        time,
      ]);
    }
  }
}
