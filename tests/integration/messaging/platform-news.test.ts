import { describe, expect, test } from '@jest/globals';
import type { BusMessage } from '../../../src/messaging/bus/bus.js';
import { Topic } from '../../../src/messaging/topics.js';
import { DeletedCourses } from '../../../src/persistence/deleted-courses.js';
import { onEachBus } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { minutes, T0 } from '../../support/test-clock.js';
import { consumerStand, LIMIT } from './consumer-stand.js';

/** News as the platform's other services write them. */
const said = (topic: string, eventId: string, payload: object, at = T0): BusMessage => ({
  topic,
  key: 'a key',
  value: JSON.stringify({ eventId, eventType: 'of no concern', timestamp: at.getTime(), payload }),
});

onEachBus('news of courses and users', (openBuses) => {
  const at = consumerStand(openBuses);
  const { deadLetters, inboxOf, nextBuyer, send, start } = at;
  const course = idOf('geometry');
  const deletedAt = async () =>
    (
      await at.stand.sql<{ deleted_at: Date }>('select deleted_at from deleted_courses where course_id = $1', [course])
    ).map((row) => row.deleted_at);
  const taken = (eventId: string) => eventually(() => inboxOf(eventId), Boolean, LIMIT);

  describe('of courses', () => {
    test('whatever changed: what was remembered of the course counts no more', async () => {
      await start();
      const topics = [Topic.COURSE_UPDATED, Topic.COURSE_PUBLISHED, Topic.COURSE_UNPUBLISHED, Topic.COURSE_DELETED];
      for (const topic of topics) {
        at.stand.neighbours.forgotten.splice(0);
        await send(said(topic, `news ${topic}`, { courseId: course.toUpperCase(), title: 'Geometry', status: 'x' }));
        await taken(`news ${topic}`);
        await eventually(() => at.stand.neighbours.forgotten.includes(course), Boolean, LIMIT);
      }
    }, 60_000);

    test('deleted: remembered, until it is published anew; older news change nothing', async () => {
      await start();
      await send(said(Topic.COURSE_DELETED, 'deleted', { courseId: course }, minutes(5)));
      await taken('deleted');
      expect(await deletedAt()).toEqual([minutes(5)]);
      await send(said(Topic.COURSE_DELETED, 'deleted before', { courseId: course }, minutes(3)));
      await taken('deleted before');
      await send(said(Topic.COURSE_PUBLISHED, 'published before', { courseId: course }, minutes(4)));
      await taken('published before');
      expect(await deletedAt()).toEqual([minutes(5)]);
      await send(said(Topic.COURSE_PUBLISHED, 'published', { courseId: course }, minutes(6)));
      await taken('published');
      expect(await deletedAt()).toEqual([]);
    }, 60_000);

    test.each([
      ['an hour ahead', () => minutes(60)],
      ['at the end of time', () => new Date(8.64e15)],
      ['before there were computers', () => new Date(-8.64e15)],
    ])(
      'deleted by a clock that is %s: what arrives later is later',
      async (clock, time) => {
        await start();
        await send(said(Topic.COURSE_DELETED, `deleted ${clock}`, { courseId: course }, time()));
        await taken(`deleted ${clock}`);
        expect(await deletedAt()).toEqual([T0]);
        await send(said(Topic.COURSE_PUBLISHED, `published after ${clock}`, { courseId: course }, minutes(-1)));
        await taken(`published after ${clock}`);
        expect(await deletedAt()).toEqual([]);
      },
      60_000,
    );

    test('published by a clock that is an hour ahead: takes effect, and a deletion that arrives later does too', async () => {
      await start();
      await send(said(Topic.COURSE_DELETED, 'deleted first', { courseId: course }, minutes(2)));
      await taken('deleted first');
      await send(said(Topic.COURSE_PUBLISHED, 'published ahead', { courseId: course }, minutes(60)));
      await taken('published ahead');
      expect(await deletedAt()).toEqual([]);
      await send(said(Topic.COURSE_DELETED, 'deleted after all', { courseId: course }, minutes(3)));
      await taken('deleted after all');
      expect(await deletedAt()).toEqual([minutes(3)]);
    }, 60_000);

    test('deleted and published in the same millisecond: the one that arrives later counts', async () => {
      await start();
      await send(said(Topic.COURSE_DELETED, 'deleted at one', { courseId: course }, minutes(4)));
      await taken('deleted at one');
      await send(said(Topic.COURSE_PUBLISHED, 'published at one', { courseId: course }, minutes(4)));
      await taken('published at one');
      expect(await deletedAt()).toEqual([]);
    }, 60_000);

    test('that name no course: a dead letter', async () => {
      await start();
      await send(said(Topic.COURSE_UPDATED, 'nothing', { title: 'Geometry' }));
      await eventually(deadLetters, ({ length }) => length === 1, LIMIT);
      expect(await deadLetters()).toMatchObject([{ originalTopic: Topic.COURSE_UPDATED }]);
    }, 60_000);
  });

  describe('that a session was cancelled', () => {
    test('its live bookings get a saga each, once; what names no session is a dead letter', async () => {
      const sessionId = at.stand.neighbours.addSession('cancelled webinar', { capacity: 3 });
      for (const name of ['one', 'two']) await at.stand.bookSession(idOf(name), { sessionId, idempotencyKey: null });
      await start();
      const message = said(Topic.SESSION_CANCELLED, 'cancelled webinar', { sessionId });
      await send(message, message, said(Topic.SESSION_CANCELLED, 'which?', { id: sessionId }));
      await eventually(deadLetters, ({ length }) => length === 1, LIMIT);
      const sagas = `select step, count(*)::int as n from sagas where kind = 'SESSION_BOOKING' group by step`;
      await eventually(
        () => at.stand.sql<{ n: number }>(sagas),
        ([row]) => row?.n === 2,
        LIMIT,
      );
      expect(await at.stand.sql(sagas)).toEqual([{ step: 'CANCEL', n: 2 }]);
      expect(await at.stand.sql('select gone_at is null as known from session_seats')).toEqual([{ known: false }]);
    }, 60_000);
  });

  describe('that an account was blocked', () => {
    test('its unpaid orders are cancelled, live payments too; paid and strange ones stay', async () => {
      const buyer = nextBuyer();
      const [idle, paying, paid, other] = [
        await placeFor(at.stand, buyer, 'algebra'),
        await placeFor(at.stand, buyer, 'logic'),
        await placeFor(at.stand, buyer, 'sets'),
        await at.order(),
      ];
      await send(at.news('initiated', paying), at.news('succeeded', paid));
      const blocked: string[] = [];
      await start(at.stand, at.bus, { usersBlocked: (ids) => void blocked.push(...ids) });
      await at.untilAll([paying], 'PROCESSING');
      await at.untilAll([paid], 'SUCCEEDED');
      const message = said(Topic.USER_BLOCKED, `blocked ${buyer}`, { userId: idle.buyerId });
      await send(message, message);
      await at.untilAll([idle, paying], 'CANCELLED');
      await eventually(
        () => blocked.length,
        (count) => count >= 1,
        LIMIT,
      );
      expect(new Set(blocked)).toEqual(new Set([idle.buyerId]));
      for (const one of [idle, paying])
        expect(await at.stand.load(one.id)).toMatchObject({
          statusReason: 'ACCOUNT_BLOCKED',
          version: one === idle ? 2 : 3,
        });
      expect(await at.statuses([paid])).toEqual(['SUCCEEDED']);
      expect(await at.statuses([other])).toEqual(['PENDING_PAYMENT']);
      const sagas = `select step from sagas join payment_attempts a on a.id = subject_id where a.order_id = $1`;
      expect(await at.stand.sql(sagas, [paying.id])).toEqual([{ step: 'CANCEL' }]);
    }, 60_000);

    test('that names no user: a dead letter', async () => {
      await start();
      await send(said(Topic.USER_BLOCKED, 'nobody', { email: 'x' }));
      await eventually(deadLetters, ({ length }) => length === 1, LIMIT);
    }, 60_000);
  });
});

test('courses deleted of late are read once in two seconds, however many ask, and anew when told so', async () => {
  const reads: string[] = [];
  const rows = [[{ course_id: 'a' }], [{ course_id: 'a' }, { course_id: 'b' }]];
  const fork = () => ({ execute: async (sql: string) => rows[reads.push(sql) - 1] });
  const courses = new DeletedCourses(fork as never);
  const [one, two] = await Promise.all([courses.recent(), courses.recent()]);
  expect([one, two, reads.length]).toEqual([new Set(['a']), new Set(['a']), 1]);
  courses.forget();
  expect([await courses.recent(), reads.length]).toEqual([new Set(['a', 'b']), 2]);
});
