import { afterEach, describe, expect, test } from '@jest/globals';
import { createCourseCache, type CourseCache } from '../../../src/platform/course-cache.js';
import type { Course, CourseSource } from '../../../src/platform/neighbours.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { canStartRedis, redisUrl, startRedis } from '../../support/redis.js';

/** A course service that counts what it is asked. */
class CountingCourses implements CourseSource {
  readonly asked: (readonly string[])[] = [];
  price = 499;
  known = new Set<string>();

  async findCourses(ids: readonly string[]): Promise<ReadonlyMap<string, Course>> {
    this.asked.push([...ids]);
    const course = (id: string): Course => ({
      id,
      title: 'A course',
      instructorId: idOf('teacher'),
      price: this.price,
      discountPrice: undefined,
      currency: 'INR',
      published: true,
    });
    return new Map(ids.filter((id) => this.known.has(id)).map((id) => [id, course(id)]));
  }

  async isEnrolled(): Promise<boolean> {
    return false;
  }
}

const opened: CourseCache[] = [];
/** As the hints do: every process hears of it. */
const announce = (ids: readonly string[]) => opened.forEach((cache) => void cache.forgetHere(ids));
afterEach(() => opened.splice(0).forEach((cache) => cache.close()));

let names = 0;
const newCourses = (count: number, source: CountingCourses) => {
  const ids = Array.from({ length: count }, () => idOf(`cached ${process.pid} ${Date.now()} ${names++}`));
  for (const id of ids) source.known.add(id);
  return ids;
};
const open = (
  source: CourseSource,
  { ttlMs = 60_000, url = undefined as string | undefined, gone = new Set<string>() } = {},
) => {
  const deleted = { recent: async () => gone, forget: () => undefined };
  const cache: CourseCache = createCourseCache(source, { ttlMs, redisUrl: url, deleted, announce, log: testLog() });
  opened.push(cache);
  return cache;
};

describe('without a time to remember', () => {
  test('every question is asked of the course service', async () => {
    const source = new CountingCourses();
    const cache = open(source, { ttlMs: 0 });
    const ids = newCourses(2, source);
    await cache.findCourses(ids);
    await cache.findCourses(ids);
    expect(source.asked).toEqual([ids, ids]);
  });

  test('a course that was deleted is missing, whatever the course service says', async () => {
    const source = new CountingCourses();
    const [kept = '', gone = ''] = newCourses(2, source);
    const cache = open(source, { ttlMs: 0, gone: new Set([gone]) });
    expect([...(await cache.findCourses([kept, gone])).keys()]).toEqual([kept]);
  });
});

describe.each([
  ['in one process', () => undefined],
  ['with Redis', () => redisUrl()],
])('with a time to remember, %s', (_, urlOf) => {
  test('a course is asked for once, all that are missing at a time in one call', async () => {
    const source = new CountingCourses();
    const cache = open(source, { url: urlOf() });
    const ids = newCourses(3, source);
    const first = await cache.findCourses(ids);
    expect([first.size, first.get(ids[0] ?? '')]).toMatchObject([3, { price: 499, currency: 'INR', published: true }]);
    expect(await cache.findCourses(ids.slice(1))).toEqual(new Map([...first].slice(1)));
    const more = newCourses(1, source);
    await cache.findCourses([...ids, ...more]);
    expect(source.asked).toEqual([ids, more]);
  });

  test('fifty that miss the same course at once ask once', async () => {
    const source = new CountingCourses();
    const cache = open(source, { url: urlOf() });
    const ids = newCourses(1, source);
    const all = await Promise.all(Array.from({ length: 50 }, () => cache.findCourses(ids)));
    expect([source.asked.length, new Set(all.map(({ size }) => size))]).toEqual([1, new Set([1])]);
  });

  test('what has changed is asked for anew', async () => {
    const source = new CountingCourses();
    const cache = open(source, { url: urlOf() });
    const ids = newCourses(1, source);
    await cache.findCourses(ids);
    source.price = 599;
    await cache.forget(ids);
    expect((await cache.findCourses(ids)).get(ids[0] ?? '')?.price).toBe(599);
  });

  test('nothing is remembered longer than the time allows', async () => {
    const source = new CountingCourses();
    const cache = open(source, { url: urlOf(), ttlMs: 300 });
    const ids = newCourses(1, source);
    await cache.findCourses(ids);
    source.price = 599;
    await eventually(async () => (await cache.findCourses(ids)).get(ids[0] ?? '')?.price === 599);
    expect(source.asked.length).toBe(2);
  });
});

(redisUrl() ? describe : describe.skip)('two replicas over one Redis', () => {
  test('share what they remember, and forget together', async () => {
    const source = new CountingCourses();
    const [here, there] = [open(source, { url: redisUrl() }), open(source, { url: redisUrl() })];
    const ids = newCourses(1, source);
    const price = async (cache: typeof here) => (await cache.findCourses(ids)).get(ids[0] ?? '')?.price;
    expect([await price(here), await price(there), source.asked.length]).toEqual([499, 499, 1]);
    source.price = 599;
    await here.forget(ids);
    await eventually(async () => (await price(there)) === 599);
  });
});

(canStartRedis() ? test : test.skip)(
  'while Redis is away, the course service answers',
  async () => {
    const redis = await startRedis();
    const source = new CountingCourses();
    const cache = open(source, { url: redis.url });
    await cache.findCourses(newCourses(1, source));
    await redis.stop();
    const ids = newCourses(1, source);
    const asked = source.asked.length;
    expect((await cache.findCourses(ids)).size).toBe(1);
    await cache.forget(ids);
    expect((await cache.findCourses(ids)).size).toBe(1);
    expect(source.asked.length).toBe(asked + 2);
  },
  30_000,
);
