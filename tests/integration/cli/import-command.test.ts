import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, ServerError, Status } from 'nice-grpc';
import { CourseServiceDefinition } from '../../../src/generated/course_service.js';
import { nearestAmount, orderData } from '../../../src/grpc/order-data.js';
import { createOrderLists, type OrderListFilter } from '../../../src/queries/order-lists.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { createOwnership } from '../../../src/queries/ownership.js';
import { createRevenue } from '../../../src/queries/revenue.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { createOldDatabase, paymentIdOf, type OldDatabase } from './old-database.js';

const run = promisify(execFile);
const NOTHING_WRONG = 'revenue: 0 days differ\nseats: 0 sessions differ\nbookings: 0 without their order\n';
const ALL: OrderListFilter = { status: null, placedFrom: null, placedTo: null, courseId: null, oldestFirst: false };
const asha = { user_id: idOf('asha') };

let stand: OrderStand;
let old: OldDatabase;
beforeAll(async () => {
  stand = await openOrderStand();
  old = await createOldDatabase();
  const march = { ...asha, status: 'succeeded', created_at: '2026-03-01T09:00:00Z' };
  await old.add('march', {
    ...march,
    items: [
      ['algebra', 49_900],
      ['biology', 100],
    ],
    sub_total: 60_000,
    discount: 10_000,
    payment: {},
  });
  await old.add('january', {
    ...asha,
    status: 'succeeded',
    created_at: '2026-01-01T09:00:00Z',
    updated_at: '2026-01-01T09:10:00Z',
    items: [['chemistry', 700]],
  });
  await old.add('refunded', {
    ...asha,
    status: 'refunded',
    created_at: '2026-02-01T09:00:00Z',
    items: [['drawing', 900]],
    payment: { payment_status: 'refunded' },
  });
  await old.add('failed', { ...asha, status: 'failed', created_at: '2026-02-02T09:00:00Z' });
  await old.add('twice', { ...asha, created_at: '2026-03-01T09:30:00Z' });
  await old.sql(`insert into session_bookings (id) values ('1')`);
});
afterAll(async () => {
  await stand.close();
  await old.drop();
});

let settings: Record<string, string> = {};
async function command(...words: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { ...process.env, DATABASE_URL: stand.databaseUrl, ...settings };
  try {
    return { ...(await run('npm', ['run', '--silent', ...words], { env })), code: 0 };
  } catch (error) {
    return error as { stdout: string; stderr: string; code: number };
  }
}
const importFrom = (...words: string[]) => command('import', '--', '--from', old.url, ...words);
const REST = 'courses without a name: 4\nsession_bookings: 1 rows are not imported\n';
const LISTED = `${idOf('twice')}  its buyer has course ${idOf('algebra')} in order ${idOf('march')}, which is open or paid\n`;

describe('the command, given an old database with one order that clashes', () => {
  test.each([['nothing'], ['--from'], ['--from=postgres://127.0.0.1:1/none', '--dry']])(
    'when it is called with %s %s, then it says how to call it',
    async (...words) => {
      const { stderr, code } = await command('import', '--', ...words);
      expect({ stderr, code }).toEqual({
        stderr: 'usage: npm run import -- --from <postgres url of the old database> [--dry-run]\n',
        code: 1,
      });
    },
  );

  test('when the old database does not answer, then it ends with one line and code 1', async () => {
    const { stderr, code } = await command('import', '--', '--from', 'postgres://127.0.0.1:1/none');
    expect({ stderr, code }).toEqual({ stderr: 'connect ECONNREFUSED 127.0.0.1:1\n', code: 1 });
  });

  test('when it runs dry, for real, and again, then it says each time what it did, with code 2', async () => {
    const fingerprint = () =>
      old.sql(`select md5(string_agg(row::text, ',' order by row::text)) from (
        select o::text as row from orders o union all select i::text from order_items i
        union all select p::text from payment_details p) rows`);
    const before = await fingerprint();
    const counts = 'read 5, imported 4, skipped 0 (imported before), listed 1 (not imported)\n';
    expect(await importFrom('--dry-run')).toMatchObject({
      stdout: `${LISTED}nothing was written, this would be: ${counts}${REST}`,
      code: 2,
    });
    expect(await stand.counts()).toMatchObject({ orders: 0 });
    expect(await importFrom()).toMatchObject({ stdout: `${LISTED}${counts}${REST}`, code: 2 });
    expect(await stand.counts()).toMatchObject({ orders: 4, outbox: 0, notices: 0, sagas: 0 });
    const again = await importFrom();
    expect(again.stdout).toContain('read 5, imported 0, skipped 4 (imported before), listed 1 (not imported)\n');
    expect(await fingerprint()).toEqual(before);
    expect(await command('check')).toMatchObject({ stdout: NOTHING_WRONG, code: 0 });
  }, 60_000);

  test('when nothing is left to list, then it ends with code 0', async () => {
    await old.sql(`update orders set status = 'expired' where id = $1`, [idOf('twice')]);
    expect(await importFrom()).toMatchObject({
      stdout: `read 5, imported 1, skipped 4 (imported before), listed 0 (not imported)\n${REST.replace('4', '1')}`,
      code: 0,
    });
  });
});

describe('the command, given a course service', () => {
  const server = createServer();
  const refuse = async (): Promise<never> => {
    throw new ServerError(Status.UNIMPLEMENTED, 'not needed');
  };
  afterAll(() => server.shutdown());

  test('when it answers, then new orders get the titles; when it does not, then none is imported', async () => {
    const title = 'Geometry';
    server.add(CourseServiceDefinition, {
      getCourses: refuse,
      getCourse: refuse,
      getCoursesByIds: async ({ courseIds }) => {
        const courses = courseIds.map((id) => ({ id, title, instructorId: idOf('gauss'), status: 'draft' }));
        return { result: { $case: 'success', value: { result: { $case: 'courses', value: { courses } } } } };
      },
    });
    settings = { COURSE_SERVICE_GRPC: `127.0.0.1:${await server.listen('127.0.0.1:0')}` };
    const id = await old.add('titled', { items: [['geometry', 100]] });
    expect(await importFrom()).toMatchObject({ stdout: expect.stringContaining('imported 1, skipped 5'), code: 0 });
    const items = await stand.sql('select title, instructor_id from order_items where order_id = $1', [id]);
    expect(items).toEqual([{ title, instructor_id: idOf('gauss') }]);

    settings = { COURSE_SERVICE_GRPC: '127.0.0.1:1' };
    await old.add('untitled', { items: [['topology', 100]] });
    expect(await importFrom()).toMatchObject({ stderr: 'the course service does not answer\n', code: 1 });
    expect(await stand.counts()).toMatchObject({ orders: 6 });
  }, 60_000);
});

describe('given imported orders, then the reads show them', () => {
  const reads = () => createOrderReads(stand.orm, stand.fork);

  test('in the lists of their buyer, by the time of placing and by status', async () => {
    const lists = createOrderLists(stand.fork, reads());
    const ids = (await lists.rowsOfBuyer(idOf('asha'), ALL, 0, 10)).map(({ id }) => id);
    expect(ids).toEqual(['twice', 'march', 'failed', 'refunded', 'january'].map(idOf));
    expect(await lists.count(idOf('asha'), { ...ALL, status: ['SUCCEEDED' as never] })).toBe(2);
    expect(await lists.count(idOf('asha'), { ...ALL, courseId: idOf('algebra') })).toBe(3);
  });

  test('as the platform sees them', async () => {
    const id = idOf('march');
    const [order, items, attempts] = [
      await reads().orders([id]),
      await reads().items([id]),
      await reads().attempts([id]),
    ];
    const [found] = order.values();
    if (!found) throw new Error('the order is not there');
    expect(orderData(found, items.get(id) ?? [], attempts.get(id) ?? [], nearestAmount)).toMatchObject({
      id,
      userId: idOf('asha'),
      status: 'succeeded',
      amount: { total: 50_000, subTotal: 60_000, discount: 10_000, salesTax: 0, currency: 'INR' },
      createdAt: '2026-03-01T09:00:00.000000+00:00',
      updatedAt: '2026-03-01T09:06:00.000000+00:00',
      items: expect.arrayContaining([
        { courseId: idOf('algebra'), price: 49_900 },
        { courseId: idOf('biology'), price: 100 },
      ]),
      paymentDetails: { paymentId: paymentIdOf('march'), provider: 'stripe', paymentStatus: 'success' },
    });
  });

  test('in the timeline, the refunds and what the buyer owns', async () => {
    const id = idOf('refunded');
    const events = [...(await reads().events([id])).values()].flat();
    expect(events).toMatchObject([{ version: 1, type: 'PLACED', from: null, to: 'REFUNDED', note: 'imported' }]);
    const refunds = [...(await reads().refunds([id])).values()].flat();
    expect(refunds).toMatchObject([{ status: 'SUCCEEDED', amountMinor: 900n, itemIds: [idOf('refunded item 0')] }]);
    const wanted = ['algebra', 'chemistry', 'drawing'].map((name) => ({ buyerId: idOf('asha'), courseId: idOf(name) }));
    expect(await createOwnership(stand.fork, reads()).purchased(wanted)).toEqual([true, true, false]);
  });

  test('in the revenue of the months in which they were paid', async () => {
    const months = await createRevenue(stand.fork).ofYear(2026, 'INR');
    expect(months.filter(({ orders }) => orders > 0)).toEqual([
      { month: 1, orders: 1, gross: 700n, refunded: 0n },
      { month: 2, orders: 1, gross: 900n, refunded: 900n },
      { month: 3, orders: 1, gross: 50_000n, refunded: 0n },
    ]);
  });
});
