import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import type { BusMessage, ReceivedMessage } from '../../../src/messaging/bus/bus.js';
import type { SampleCourse } from '../../sample/sample-data.js';
import { TOPIC_ENROLMENT_CREATED, TOPIC_IN_APP, toMessage } from '../events.js';
import type { Log } from '../log.js';
import { enqueue } from '../store/outbox.js';
import { inTransaction } from '../store/transaction.js';

const orderSucceeded = z.object({
  eventId: z.string().min(1),
  payload: z.object({
    orderId: z.string(),
    userId: z.string(),
    amount: z.number(),
    items: z.array(z.object({ courseId: z.string() })).min(1),
  }),
});
type OrderSucceeded = z.output<typeof orderSucceeded>;

export interface Enroller {
  readonly pool: Pool;
  readonly courses: ReadonlyMap<string, SampleCourse>;
  readonly log: Log;
  /** True: every item fails, and its event counts as processed all the same, as on the platform. */
  itemsFail(): boolean;
}

/**
 * Enrols buyers in what messages of order.course.succeeded.v1 list. An event is worked off once, by its eventId, and also
 * counts as worked off when an item has failed: whoever wants it repeated sends it under another eventId.
 */
export async function enrolFrom(batch: readonly ReceivedMessage[], enroller: Enroller): Promise<void> {
  const events = batch.flatMap((message) => parseEvent(message, enroller.log) ?? []);
  await inTransaction(enroller.pool, async (client) => {
    for (const event of events) {
      if (!(await firstSight(client, event.eventId))) continue;
      for (const { courseId } of event.payload.items) await enrolItem(client, event, courseId, enroller);
    }
  });
}

function parseEvent(message: ReceivedMessage, log: Log): OrderSucceeded | undefined {
  try {
    return orderSucceeded.parse(JSON.parse(message.value));
  } catch (error) {
    log({ level: 'warn', message: 'course service: event dropped', offset: message.offset, error: String(error) });
    return undefined;
  }
}

async function firstSight(client: PoolClient, eventId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'INSERT INTO neighbours.processed_events (event_id) VALUES ($1) ON CONFLICT DO NOTHING',
    [eventId],
  );
  return rowCount === 1;
}

async function enrolItem(client: PoolClient, event: OrderSucceeded, courseId: string, enroller: Enroller) {
  const { courses, log } = enroller;
  const course = courses.get(courseId);
  if (!course || enroller.itemsFail()) {
    log({ level: 'warn', message: 'course service: item failed', courseId, orderId: event.payload.orderId });
    return;
  }
  await client.query('SAVEPOINT item');
  try {
    await enqueue(client, await createEnrolment(client, event, course));
  } catch (error) {
    // What the data are to blame for is swallowed; trouble with the database makes the bus deliver again.
    if (!(error instanceof DatabaseError && /^2[23]/.test(error.code ?? ''))) throw error;
    await client.query('ROLLBACK TO SAVEPOINT item');
    log({ level: 'warn', message: 'course service: item failed', courseId, error: error.message });
  }
}

async function createEnrolment(client: PoolClient, event: OrderSucceeded, course: SampleCourse): Promise<BusMessage[]> {
  const { orderId, userId, amount } = event.payload;
  const enrolmentId = randomUUID();
  const { rows } = await client.query<{ enrolled_at: Date }>(
    `INSERT INTO neighbours.enrolments (id, course_id, student_id, order_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (student_id, course_id) DO NOTHING RETURNING enrolled_at`,
    [enrolmentId, course.id, userId, orderId],
  );
  const enrolledAt = rows[0]?.enrolled_at;
  if (!enrolledAt) return [];
  const created = {
    enrollmentId: enrolmentId,
    courseId: course.id,
    instructorId: course.instructorId,
    studentId: userId,
    orderId,
    // The amount of the whole event, not the price of this course: wallets are credited from it.
    orderPrice: amount,
    enrolledAt: enrolledAt.toISOString(),
    timestamp: Date.now(),
  };
  const notice = {
    userId,
    title: 'Enrolment confirmed',
    message: `You are enrolled in ${course.title}`,
    type: 'course_enrollment',
    actionUrl: `/learn/${enrolmentId}`,
    icon: 'book',
    priority: 'high',
    appId: 'edulearn',
    category: 'enrollment',
  };
  const common = { key: course.id, source: 'course-service' };
  return [
    toMessage({ ...common, topic: TOPIC_ENROLMENT_CREATED, eventType: 'EnrollmentCreatedEvent', payload: created }),
    toMessage({ ...common, topic: TOPIC_IN_APP, eventType: 'CourseEnrollmentEvent', payload: notice }),
  ];
}

/** Whether the user has an enrolment in the course. */
export async function isEnrolled(pool: Pool, courseId: string, userId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'SELECT 1 FROM neighbours.enrolments WHERE student_id = $1 AND course_id = $2',
    [userId, courseId],
  );
  return rowCount === 1;
}
