import { takeIn, type InboxKey } from '../persistence/inbox.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** What the course service says about a course. */
export interface CourseMessage {
  readonly courseId: string;
  readonly change: 'updated' | 'published' | 'unpublished' | 'deleted';
  readonly at: Date;
  readonly inbox: InboxKey;
}

/**
 * Takes news of courses in: what was remembered of them counts no more, and a deleted one is not sold any more although the
 * course service still shows it for minutes. Orders that have been placed go on.
 */
export async function recordCourseNews(env: Environment, messages: readonly CourseMessage[]): Promise<string[]> {
  const outcomes = await env.fork().transactional(async (em) => {
    const inboxes = messages.map(({ inbox }) => inbox);
    const isNew = await takeIn(em, inboxes, env.clock.now());
    const fresh = messages.map(({ inbox }) => isNew(inbox));
    await rememberDeleted(
      em,
      messages.filter((_, i) => fresh[i]),
    );
    return fresh.map((one) => (one ? 'applied' : 'repeated'));
  });
  await env.neighbours.courses.forget(messages.map(({ courseId }) => courseId));
  return outcomes;
}

async function rememberDeleted(em: EntityManager, messages: readonly CourseMessage[]): Promise<void> {
  for (const { courseId, change, at } of messages) {
    if (change === 'deleted') {
      await em.execute(
        `insert into deleted_courses (course_id, deleted_at) values (?, ?)
         on conflict (course_id) do update set deleted_at = greatest(deleted_courses.deleted_at, excluded.deleted_at)`,
        [courseId, at],
      );
    } else if (change === 'published') {
      await em.execute('delete from deleted_courses where course_id = ? and deleted_at < ?', [courseId, at]);
    }
  }
}
