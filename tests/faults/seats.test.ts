import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { eventually } from '../support/eventually.js';
import { scaled } from '../support/scale.js';
import { NOTHING_WRONG, settle } from './support/accounts.js';
import { attend } from './support/audience.js';
import { auditBookingLog } from './support/booking-log.js';
import { Caller } from './support/caller.js';
import { meanwhile } from './support/meanwhile.js';
import { askReplica, type Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const PEOPLE = scaled(1_000);
const KILLS = scaled(30);
/** 10 seats, priced. */
const WANTED = '18f135d2-5f55-4203-b018-50c5a38fd547';
const SEATS = 10;
/** 2 seats, priced. */
const GROWS = '3a23641b-2447-44dc-85d8-cd2284d40462';
/** 2 free seats, and 2, 5, 10 and 30 priced ones. */
const SMALL = [
  '96a906d4-16fb-45eb-ae22-008316fb178b',
  GROWS,
  'dd7fff0b-bdd6-4445-88fc-de0ab65e33e6',
  WANTED,
  '923a7369-94e3-4f91-9a61-dbe22e44158b',
];
const BOOK = `mutation ($input: BookSessionInput!) { bookSession(input: $input) { __typename } }`;

(canStartSite() ? describe : describe.skip)('given two replicas on one database, and small sessions', () => {
  let site: Site;
  let replicas: readonly [Replica, Replica];

  beforeAll(async () => {
    site = await startSite({ students: PEOPLE, settings: { SESSION_HOLD_MINUTES: '1', PAYMENT_LIFE_MINUTES: '1' } });
    replicas = [await site.startReplica(), await site.startReplica()];
  }, 120_000);
  afterAll(() => site.stop(), 60_000);

  it('when very many want one of ten seats at the same moment, then ten get one, and all others hear that it is full', async () => {
    const callers = generatedStudentIds(PEOPLE).map((userId, n) => new Caller(replicas, { userId, first: n }));
    const tokens = await Promise.all(callers.map((caller) => caller.token()));
    const since = performance.now();
    const answers = await Promise.all(
      tokens.map(async (token, n) => {
        const input = { sessionId: WANTED, idempotencyKey: 'a-seat' };
        const { data } = await askReplica(replicas[n % 2] as Replica, token, BOOK, { input });
        return (data as { bookSession: { __typename: string } }).bookSession.__typename;
      }),
    );
    const ms = Math.round(performance.now() - since);

    const counts = Object.fromEntries([...Map.groupBy(answers, String)].map(([answer, all]) => [answer, all.length]));
    expect(counts).toEqual({ BookSessionSuccess: SEATS, SessionFull: PEOPLE - SEATS });
    const seats = await site.sql(`select taken, waiting from session_seats where session_id = $1`, [WANTED]);
    expect(seats).toEqual([{ taken: SEATS, waiting: 0 }]);
    expect(await site.sql('select 1 from orders')).toHaveLength(SEATS);
    process.stdout.write(
      `seats: ${PEOPLE} wanted one of ${SEATS} at once over two replicas, all answered in ${ms} ms\n`,
    );
  }, 120_000);

  it('when either is killed while people book, pay, cancel and wait, and a session is cancelled, then every seat and all money is accounted for', async () => {
    const attending = attend(site, replicas, { people: PEOPLE, sessionIds: SMALL, atOnce: 16 });
    const { result: turnout, count: kills } = await meanwhile(attending, {
      fault: async (number) => {
        if (number === Math.ceil(KILLS / 2)) await changeSessions();
        await replicas[(number % 2) as 0 | 1].killAndRestart();
      },
      times: KILLS,
      pauseMs: [200, 1_000],
    });
    await endAllHolds();
    const { wrongs, ms } = await settle(site);
    const log = await auditBookingLog(site);

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(log).toMatchObject({ missing: 0, neverCommitted: 0 });
    expect(kills).toBe(KILLS);
    expect(Math.min(turnout.booked, turnout.promoted, turnout.without)).toBeGreaterThan(0);
    process.stdout.write(
      `seats: ${PEOPLE} people, ${turnout.booked} booked, ${turnout.promoted} were given a seat while they waited; ` +
        `${kills} kills; ${await endings()}; nothing wrong ${ms} ms after the last hold; ` +
        `${log.messages} messages in Kafka, ${log.repeats} of them repeats\n`,
    );
  }, 900_000);

  it('when all is over, then no transaction has died in a deadlock', async () => {
    // A server process tells its counts at its end at the latest.
    await Promise.all(replicas.map((replica) => replica.stop()));
    const [stat] = await site.sql(`select deadlocks::int from pg_stat_database where datname = current_database()`);
    expect(stat).toEqual({ deadlocks: 0 });
  }, 60_000);

  /** One is cancelled, one gets more seats. */
  async function changeSessions(): Promise<void> {
    for (const change of [`${WANTED}/cancel`, `${GROWS}/capacity/4`]) {
      await fetch(`${site.neighbours.pageUrl}/sessions/${change}`, { method: 'POST' });
    }
  }

  /** Lets time pass for holds, seats that are offered next too, and gives money back, until nobody has anything to wait for. */
  async function endAllHolds(): Promise<void> {
    const open = `select 1 from orders where status in ('PENDING_PAYMENT', 'PROCESSING')
      union all select 1 from order_refunds where status in ('REQUESTED', 'APPROVED') union all select 1 from sagas
      union all select 1 from session_bookings where session_id = '${WANTED}' and status in ('PENDING', 'CONFIRMED')`;
    await eventually(
      async () => {
        await site.sql(`update orders set payable_until = now(), expires_at = now() where id in
          (select id from orders where expires_at > now() order by id for no key update skip locked)`);
        await settleRefunds();
        return site.sql(open);
      },
      (rows) => rows.length === 0,
      { limitMs: 120_000, everyMs: 250 },
    );
  }

  async function settleRefunds(): Promise<void> {
    const { pageUrl } = site.neighbours;
    const refunds = (await (await fetch(`${pageUrl}/refunds`)).json()) as { id: string }[];
    for (const { id } of refunds) await fetch(`${pageUrl}/refunds/${id}/settle`, { method: 'POST' });
  }

  async function endings(): Promise<string> {
    const rows = await site.sql<{ what: string; n: number }>(
      `select status as what, count(*)::int as n from session_bookings group by 1
       union all select 'payments', count(*)::int from payment_attempts where state = 'SUCCEEDED'
       union all select 'refunds for ' || reason, count(*)::int from order_refunds group by reason order by 1`,
    );
    return rows.map(({ what, n }) => `${n} ${what}`).join(', ');
  }
});
