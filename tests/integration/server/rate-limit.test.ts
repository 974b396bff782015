import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createRateLimit, type RateLimit } from '../../../src/server/rate-limit.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { canStartRedis, startRedis, type TestRedis } from '../../support/redis.js';
import { startServer, type ServerStand } from './server-stand.js';

const CANCEL = 'cancelOrder(input: { orderId: "00000000-0000-4000-8000-000000000000" }) { __typename }';
const MUTATION = `mutation { ${CANCEL} }`;
const DONE = { data: { cancelOrder: { __typename: 'NotFound' } } };
const REFUSED = { errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }] };

describe.each(['HTTP', 'WebSocket'] as const)('given a limit of 3 mutations a minute, over %s', (name) => {
  let stand: ServerStand;
  const door = () => (name === 'HTTP' ? stand.doors[0] : stand.doors[1]);
  beforeAll(async () => void (stand = await startServer({ RATE_LIMIT: '3' })), 60_000);
  afterAll(() => stand.stop(), 30_000);

  test('then a viewer’s fourth is refused, and another viewer’s first is not', async () => {
    const [asha, ben] = [await stand.tokenOf(idOf('asha')), await stand.tokenOf(idOf('ben'))];
    for (let i = 0; i < 3; i++) expect(await door().ask(MUTATION, {}, asha)).toEqual(DONE);
    const refused = await door().ask(MUTATION, {}, asha);
    expect(refused).toMatchObject(REFUSED);
    const seconds = Number(refused.errors?.[0]?.extensions['retryAfterSeconds']);
    expect(seconds > 0 && seconds <= 60).toBe(true);
    expect(await door().ask(MUTATION, {}, ben)).toEqual(DONE);
  });

  test('then every mutation of an operation counts', async () => {
    const token = await stand.tokenOf(idOf('chen'));
    expect(
      await door().ask(`mutation { a: ${CANCEL} b: ${CANCEL} c: ${CANCEL} d: ${CANCEL} }`, {}, token),
    ).toMatchObject(REFUSED);
  });

  test('then queries are not counted, and who is nobody is told to sign in', async () => {
    const token = await stand.tokenOf(idOf('dara'));
    for (let i = 0; i < 5; i++)
      expect(await door().ask('{ __typename }', {}, token)).toEqual({ data: { __typename: 'Query' } });
    for (let i = 0; i < 5; i++)
      expect(await door().ask(MUTATION)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

describe('given no limit', () => {
  test('then nothing is counted', async () => {
    const limit = createRateLimit({ perMinute: 'off', redisUrl: undefined, log: testLog() });
    expect(await limit.take(idOf('asha'), 1_000_000)).toBeUndefined();
  });
});

(canStartRedis() ? describe : describe.skip)('given two replicas that share a Redis', () => {
  let redis: TestRedis;
  const opened: RateLimit[] = [];
  const replica = () => {
    const limit = createRateLimit({ perMinute: 2, redisUrl: redis.url, log: testLog() });
    opened.push(limit);
    return limit;
  };
  /** A replica that has found Redis counts what the other has counted. */
  const together = async (one: RateLimit, other: RateLimit, viewer: string) => {
    let n = 0;
    await eventually(async () => {
      const id = idOf(`${viewer} ${n++}`);
      await one.take(id, 2);
      return (await other.take(id, 1)) !== undefined;
    });
  };
  beforeAll(async () => void (redis = await startRedis()), 30_000);
  afterEach(() => opened.splice(0).forEach((limit) => limit.close()));
  afterAll(() => redis.stop());

  test('then they count together', async () => {
    const [one, other] = [replica(), replica()];
    await together(one, other, 'found');
    expect(await one.take(idOf('asha'), 1)).toBeUndefined();
    expect(await other.take(idOf('asha'), 1)).toBeUndefined();
    expect(await one.take(idOf('asha'), 1)).toBeGreaterThan(0);
    expect(await other.take(idOf('asha'), 1)).toBeGreaterThan(0);
  });

  test('when Redis goes away, then each counts for itself; when it is back, together again', async () => {
    const [one, other] = [replica(), replica()];
    await together(one, other, 'before');
    await redis.kill();
    for (const limit of [one, other]) {
      expect(await limit.take(idOf('ben'), 2)).toBeUndefined();
      expect(await limit.take(idOf('ben'), 1)).toBeGreaterThan(0);
    }
    await redis.restart();
    await together(one, other, 'after');
  });
});
