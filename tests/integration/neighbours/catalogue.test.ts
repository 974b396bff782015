import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientError, Metadata, Status } from 'nice-grpc';
import { randomUUID } from 'node:crypto';
import { CourseServiceDefinition, EnrollmentServiceDefinition } from '../../../src/generated/course_service.js';
import { SessionServiceDefinition } from '../../../src/generated/session_service.js';
import { UserServiceDefinition } from '../../../src/generated/user_service.js';
import type { Stand } from './stand.js';
import { openStand } from './stand.js';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.close());

describe('user service', () => {
  const users = () => stand.client(UserServiceDefinition, stand.neighbours.addresses.user);

  it('answers a user, and an unknown one in band', async () => {
    const [student] = stand.sample.users;
    const { result } = await users().getUser({ userId: student?.id });
    expect(result).toMatchObject({
      $case: 'user',
      value: { id: student?.id, email: student?.email, role: 'student', status: 'verified', firstName: 'Asha' },
    });
    const unknown = await users().getUser({ userId: randomUUID() });
    expect(unknown.result).toMatchObject({ $case: 'error', value: { code: 'NOT_FOUND', message: 'User not found' } });
  });

  it('lists the known ones, each once', async () => {
    const ids = stand.sample.users.map(({ id }) => id);
    const { result } = await users().listUsersByIds({ userIds: [...ids, randomUUID(), ...ids] });
    expect(result?.$case === 'users' && result.value.users.map(({ id }) => id)).toEqual(ids);
  });
});

describe('course service', () => {
  const courses = () => stand.client(CourseServiceDefinition, stand.neighbours.addresses.course);
  const enrolments = () => stand.client(EnrollmentServiceDefinition, stand.neighbours.addresses.course);

  it('GetCoursesByIds drops unknown ids and sorts by id; no discount is absent, not 0', async () => {
    const ids = stand.sample.courses.map(({ id }) => id);
    const { result } = await courses().getCoursesByIds({ courseIds: [randomUUID(), ...ids] });
    const list =
      result?.$case === 'success' && result.value.result?.$case === 'courses' ? result.value.result.value : null;
    expect(list?.courses.map(({ id }) => id)).toEqual(ids.toSorted());
    expect(list?.total).toBe(0);
    for (const { id, price, discountPrice } of list?.courses ?? []) {
      const expected = stand.sample.courses.find((course) => course.id === id);
      expect([price, discountPrice]).toEqual([expected?.price, expected?.discountPrice ?? 0]);
    }
  });

  it('GetCourses pages and filters', async () => {
    const params = { pagination: { page: 2, pageSize: 3 }, filters: { status: 'published' } };
    const { result } = await courses().getCourses({ params });
    const published = stand.sample.courses.filter(({ status }) => status === 'published').map(({ id }) => id);
    const list = result?.$case === 'courses' ? result.value : undefined;
    expect(list?.courses.map(({ id }) => id)).toEqual(published.slice(3, 6));
    expect(list?.total).toBe(published.length);
  });

  it('answers NOT_FOUND with metadata for an unknown course', async () => {
    let trailer = Metadata();
    const check = enrolments().checkCourseEnrollment(
      { courseId: randomUUID(), userId: randomUUID() },
      { onTrailer: (received) => (trailer = received) },
    );
    await expect(check).rejects.toMatchObject({ code: Status.NOT_FOUND });
    expect(['error_code', 'reason', 'detail'].map((key) => trailer.get(key))).toEqual([
      'NOT_FOUND',
      'COURSE_NOT_FOUND',
      'Course not found',
    ]);
    await expect(courses().getCourse({ courseId: randomUUID() })).rejects.toMatchObject({ code: Status.NOT_FOUND });
  });

  it('answers INTERNAL for an id that is no UUID', async () => {
    const [course] = stand.sample.courses;
    const check = enrolments().checkCourseEnrollment({ courseId: course?.id, userId: 'me' });
    await expect(check).rejects.toMatchObject({ code: Status.INTERNAL });
  });
});

describe('session service', () => {
  const sessions = () => stand.client(SessionServiceDefinition, stand.neighbours.addresses.session);

  it('fills the optional fields', async () => {
    const [, priced] = stand.sample.sessions;
    expect(await sessions().getSession({ sessionId: priced?.id })).toEqual({
      sessionId: priced?.id,
      price: 499,
      maxSlots: 30,
      error: '',
      title: 'Schema design clinic',
      currency: 'INR',
      startsAt: priced?.startsAt?.toISOString(),
      endsAt: priced?.endsAt?.toISOString(),
      instructorId: priced?.instructorId,
    });
    expect(await sessions().getAvailableSlots({ sessionId: priced?.id })).toEqual({ availableSlots: 30, error: '' });
  });

  it('says an error as a plain string', async () => {
    const answer = await sessions().getSession({ sessionId: randomUUID() });
    expect(answer).toMatchObject({ error: 'Session not found', price: 0, title: undefined });
  });
});

describe('faults', () => {
  const user = () => stand.client(UserServiceDefinition, stand.neighbours.addresses.user);
  const getUser = () => user().getUser({ userId: stand.sample.users[0]?.id });
  afterEach(() => {
    stand.neighbours.user.faults = {};
  });

  it('down', async () => {
    stand.neighbours.user.faults = { status: Status.UNAVAILABLE };
    await expect(getUser()).rejects.toMatchObject({ code: Status.UNAVAILABLE });
  });

  it('slow', async () => {
    stand.neighbours.user.faults = { delayMs: 150 };
    const start = performance.now();
    await getUser();
    expect(performance.now() - start).toBeGreaterThan(145);
  });

  it('only some methods', async () => {
    stand.neighbours.user.faults = { status: Status.UNAVAILABLE, methods: ['ListUsersByIds'] };
    expect((await getUser()).result?.$case).toBe('user');
    await expect(user().listUsersByIds({})).rejects.toThrow(ClientError);
  });

  it('nonsense: an empty answer, or bytes that are no message', async () => {
    stand.neighbours.user.faults = { garbage: 'empty' };
    expect((await getUser()).result).toBeUndefined();
    stand.neighbours.user.faults = { garbage: 'bytes' };
    await expect(getUser()).rejects.toMatchObject({ code: Status.INTERNAL });
  });
});
