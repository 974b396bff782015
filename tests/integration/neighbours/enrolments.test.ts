import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EnrollmentServiceDefinition } from '../../../src/generated/course_service.js';
import { eventually } from '../../support/eventually.js';
import type { Stand } from './stand.js';
import { openStand } from './stand.js';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.close());

interface Announcement {
  readonly eventId?: string;
  readonly userId?: string;
  readonly orderId?: string;
  readonly courseIds: readonly string[];
}

/**
 * Announces a paid order and another user's after it, whose enrolment shows that the first has been worked off: its
 * enrolments are stored. Its events may still be on their way, on other partitions.
 */
async function announce(announcement: Announcement): Promise<void> {
  const last = { userId: randomUUID(), courseIds: [courseId(5)] };
  const publisher = stand.bus.publisher();
  await publisher.send([toMessage(announcement), toMessage(last)], 5_000);
  await publisher.close();
  await eventually(async () => (await storedFor(last.userId)).length === 1);
}

function toMessage({ eventId = randomUUID(), userId, orderId = randomUUID(), courseIds }: Announcement) {
  const items = courseIds.map((id) => ({ courseId: id, price: 49_900 }));
  const payload = { orderId, userId, items, amount: 99_800, currency: 'INR' };
  const envelope = {
    eventId,
    eventType: 'CourseOrderSucceeded',
    timestamp: Date.now(),
    source: 'order-service',
    payload,
  };
  return { topic: 'order.course.succeeded.v1', key: 'same', value: JSON.stringify(envelope) };
}

function courseId(index: number): string {
  return stand.sample.courses[index]?.id ?? '';
}

/** The courses that the user is enrolled in. */
async function storedFor(userId: string): Promise<string[]> {
  const { rows } = await stand.pool.query<{ course_id: string }>(
    'SELECT course_id FROM neighbours.enrolments WHERE student_id = $1',
    [userId],
  );
  return rows.map(({ course_id: id }) => id);
}

/** The events that tell the user's enrolments, once there are so many. */
function eventsFor(userId: string, count: number) {
  const events = () =>
    stand.seen.filter(
      ({ topic, envelope }) => topic === 'course.enrollment.created.v1' && envelope.payload['studentId'] === userId,
    );
  return eventually(events, ({ length }) => length === count);
}

function isEnrolled(userId: string, id: string) {
  const client = stand.client(EnrollmentServiceDefinition, stand.neighbours.addresses.course);
  return client.checkCourseEnrollment({ courseId: id, userId });
}

describe('the course service', () => {
  it('enrols in every item and tells each, with a notice to the student', async () => {
    const [userId, orderId] = [randomUUID(), randomUUID()];
    await announce({ userId, orderId, courseIds: [courseId(0), courseId(4)] });
    const created = await eventsFor(userId, 2);
    expect(new Set(created.map(({ key }) => key))).toEqual(new Set([courseId(0), courseId(4)]));
    expect(created.find(({ key }) => key === courseId(4))?.envelope).toMatchObject({
      eventType: 'EnrollmentCreatedEvent',
      source: 'course-service',
      payload: {
        enrollmentId: expect.any(String),
        instructorId: stand.sample.courses[4]?.instructorId,
        studentId: userId,
        orderId,
        orderPrice: 99_800,
        enrolledAt: expect.stringMatching(/Z$/),
        timestamp: expect.any(Number),
      },
    });
    const notices = await eventually(
      () => stand.seen.filter(({ topic, envelope }) => /in-app/.test(topic) && envelope.payload['userId'] === userId),
      ({ length }) => length === 2,
    );
    expect(notices[0]?.envelope.payload).toMatchObject({ type: 'course_enrollment', priority: 'high' });
    expect((await isEnrolled(userId, courseId(0))).result).toEqual({ $case: 'enrolled', value: true });
    expect((await isEnrolled(userId, courseId(1))).result).toEqual({ $case: 'enrolled', value: false });
  });

  it('works an eventId off once and enrols nobody twice', async () => {
    const [userId, eventId] = [randomUUID(), randomUUID()];
    await announce({ userId, eventId, courseIds: [courseId(0)] });
    await announce({ userId, eventId, courseIds: [courseId(1)] });
    await announce({ userId, courseIds: [courseId(0)] });
    expect(await storedFor(userId)).toEqual([courseId(0)]);
    expect((await eventsFor(userId, 1)).map(({ key }) => key)).toEqual([courseId(0)]);
  });

  it('forgets a failed item unless it comes under another eventId', async () => {
    const [userId, eventId] = [randomUUID(), randomUUID()];
    const announcement = { userId, courseIds: [courseId(2)] };
    stand.neighbours.course.enrolments.fail = true;
    const publisher = stand.bus.publisher();
    await publisher.send([toMessage({ ...announcement, eventId })], 5_000);
    await publisher.close();
    await eventually(async () => {
      const { rows } = await stand.pool.query('SELECT 1 FROM neighbours.processed_events WHERE event_id = $1', [
        eventId,
      ]);
      return rows.length === 1;
    });
    stand.neighbours.course.enrolments.fail = false;
    await announce({ ...announcement, eventId });
    expect(await storedFor(userId)).toEqual([]);
    await announce(announcement);
    expect(await storedFor(userId)).toEqual([courseId(2)]);
  });

  it.each([
    ['no items', () => ({ userId: randomUUID(), courseIds: [] })],
    ['an unknown course', () => ({ userId: randomUUID(), courseIds: [randomUUID()] })],
    ['an order id that is no UUID', () => ({ userId: randomUUID(), orderId: 'x', courseIds: [courseId(0)] })],
  ])('is not stopped by %s', async (_what, make) => {
    const announcement = make();
    await announce(announcement);
    expect(await storedFor(announcement.userId)).toEqual([]);
  });
});
