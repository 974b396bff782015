import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { eventually } from '../support/eventually.js';
import { scaled } from '../support/scale.js';
import { COURSES, forAll } from './support/buyers.js';
import { spreadOf, underLoad, type Tally } from './support/load.js';
import { startNonsense, type Nonsense } from './support/nonsense.js';
import { Shoppers } from './support/shoppers.js';
import { canStartSite, startSite, type Site } from './support/site.js';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.js';

const SERVICES = ['user', 'course', 'payment'] as const;
const KINDS = ['slow', 'silent', 'down', 'resetting', 'nonsense'] as const;
type Service = (typeof SERVICES)[number];
type Kind = (typeof KINDS)[number];

const CASES: readonly (readonly [Service, Kind])[] = process.env.FULL
  ? SERVICES.flatMap((service) => KINDS.map((kind) => [service, kind] as const))
  : [
      ['user', 'slow'],
      ['user', 'silent'],
      ['payment', 'down'],
      ['course', 'resetting'],
      ['course', 'nonsense'],
    ];
const FAULT_MS = process.env.FULL ? 60_000 : 3_500;
const STUDENTS = scaled(20_000);
const FLOOD = scaled(1_000);
const PAYABLE = 20;
const TIMEOUT_MS = 3_000;
const DEADLINE_MS = TIMEOUT_MS + 2_000;
const SLOW_MS = 10_000;
const AGAIN_MS = 15_000;

/** What operations answer while a service is at fault, beside OK; all others answer nothing else. */
const REFUSALS: Readonly<Record<Service, Readonly<Record<string, readonly string[]>>>> = {
  user: {
    place: ['SERVICE_UNAVAILABLE user'],
    placeOverGrpc: ['UNAVAILABLE SERVICE_UNAVAILABLE user'],
    startPayment: ['SERVICE_UNAVAILABLE user'],
  },
  course: { place: ['SERVICE_UNAVAILABLE course'], placeOverGrpc: ['UNAVAILABLE SERVICE_UNAVAILABLE course'] },
  payment: { startPayment: ['SERVICE_UNAVAILABLE payment'] },
};

/** A payment that nobody made ends its order after a while, and then its claims; everything else stays. */
const HALF_PLACED = `select id from orders where not exists (select from order_items where order_id = orders.id)
  or status in ('PENDING_PAYMENT', 'PROCESSING') and not exists (select from order_claims where order_id = orders.id)
  or not exists (select from order_events where order_id = orders.id and version = 1)`;

(canStartSite() ? describe : describe.skip)('given a site whose neighbours are at fault', () => {
  let site: Site;
  let shoppers: Shoppers;
  let nonsense: Nonsense;
  let proxies: Record<Service, TcpProxy>;

  beforeAll(async () => {
    proxies = {} as Record<Service, TcpProxy>;
    nonsense = await startNonsense();
    site = await startSite({ students: STUDENTS });
    for (const service of SERVICES) proxies[service] = await startTcpProxy(site.neighbours.addresses[service]);
    const replica = await site.startReplica({
      NEIGHBOUR_TIMEOUT_MS: String(TIMEOUT_MS),
      SHUTDOWN_DELAY_MS: '0',
      USER_SERVICE_GRPC: proxies.user.address,
      COURSE_SERVICE_GRPC: proxies.course.address,
      PAYMENT_SERVICE_GRPC: proxies.payment.address,
    });
    shoppers = new Shoppers(replica, STUDENTS);
  }, 90_000);
  afterAll(async () => {
    shoppers.close();
    await site.stop();
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    nonsense.stop();
  }, 60_000);
  afterEach(async () => {
    expect(await site.sql(HALF_PLACED)).toEqual([]);
    const [{ count } = {}] = await site.sql<{ count: number }>('select count(*)::int as count from orders');
    expect(count).toBe(new Set(shoppers.placed.map(({ orderId }) => orderId)).size);
  });

  const begin: Readonly<Record<Kind, (service: Service) => Promise<void> | void>> = {
    slow: (service) => void (site.neighbours[service].faults = { delayMs: SLOW_MS }),
    silent: (service) => proxies[service].silence(),
    down: (service) => proxies[service].refuse(),
    resetting: (service) => proxies[service].reset(),
    nonsense: (service) => proxies[service].pass(nonsense.address),
  };
  const end = async (service: Service, kind: Kind) => {
    site.neighbours[service].faults = {};
    if (kind !== 'slow') await proxies[service].pass();
  };
  const callsOf = (service: Service) =>
    [...site.neighbours[service].calls.values()].reduce((sum, count) => sum + count, 0);

  const operations = {
    place: { callers: 12, call: () => shoppers.place() },
    placeOverGrpc: { callers: 4, call: () => shoppers.placeOverGrpc() },
    startPayment: { callers: 12, call: () => shoppers.startNextPayment() },
    show: { callers: 4, call: () => shoppers.showNext() },
    healthz: { callers: 4, call: () => shoppers.healthz() },
  };

  it.each(CASES)(
    'when the %s service is %s, then buyers are told so in time, all else goes on, and it is over by itself',
    async (service, kind) => {
      const fresh = await shoppers.comeAnew();
      await forAll(PAYABLE, 4, () => shoppers.place());
      let [calls, againMs] = [0, 0];
      const tallies = await underLoad(operations, async () => {
        const before = callsOf(service);
        await begin[kind](service);
        // This long is the fault; what happens meanwhile is looked at afterwards.
        await pause(FAULT_MS);
        calls = callsOf(service) - before;
        await end(service, kind);
        const since = Date.now();
        const works = async () => [await shoppers.place(), await shoppers.startPayment(fresh)];
        await eventually(works, (outcomes) => outcomes.every((one) => one === 'OK'), { limitMs: AGAIN_MS });
        againMs = Date.now() - since;
      });
      process.stdout.write(
        `${service} service ${kind}: works again after ${againMs} ms; ${lineOf(tallies)}` +
          (kind === 'slow' ? `; it was asked ${calls} times\n` : '\n'),
      );

      expect(refusalsIn(tallies)).toEqual(REFUSALS[service]);
      expect(Math.max(...Object.values<Tally>(tallies).flatMap(({ times }) => times))).toBeLessThan(DEADLINE_MS);
    },
    FAULT_MS + 120_000,
  );

  it('when very many ask for users and courses that do not exist, then the next good order is placed at once', async () => {
    const [userId, courseId] = [generatedStudentIds(1)[0] as string, COURSES[0] as string];
    const flood = await forAll(FLOOD, 16, (n) =>
      shoppers.place(n % 2 ? { userId, courseId: randomUUID() } : { userId: randomUUID(), courseId }),
    );
    expect(await shoppers.place()).toBe('OK');
    expect(new Set(flood)).toEqual(new Set(['COURSE_UNAVAILABLE', 'ACCOUNT_BLOCKED']));
  });
});

/** Everything but OK that was answered, by operation. */
const refusalsIn = (tallies: Readonly<Record<string, Tally>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(tallies)
      .map(([name, { outcomes }]) => [name, [...outcomes.keys()].filter((outcome) => outcome !== 'OK')] as const)
      .filter(([, refusals]) => refusals.length > 0),
  );

const lineOf = (tallies: Readonly<Record<string, Tally>>): string =>
  Object.entries(tallies)
    .map(([name, { outcomes, times }]) => {
      const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
      return `${name} ${counts}, p50/p99/most ${spreadOf(times)}`;
    })
    .join('; ');
