import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { migrate } from '../../src/persistence/migrate.js';
import { eventually } from '../support/eventually.js';
import { testLog } from '../support/log.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { Buyer } from './support/buyer.js';
import { COURSES, forAll, type Ending } from './support/buyers.js';
import { dump, restore } from './support/dump.js';
import { auditLog } from './support/kafka-log.js';
import { postgresPart, type Part } from './support/part.js';
import { canStartSite, openPool, sqlOf, startSite, type Site } from './support/site.js';

const PURCHASES = scaled(500);
const AT_ONCE = 16;

(canStartSite() ? describe : describe.skip)('given a site in the middle of its work', () => {
  let site: Site;
  let cluster: Part;
  let [old, fresh] = [] as unknown as [pg.Pool, pg.Pool];

  beforeAll(async () => {
    cluster = await postgresPart();
    site = await startSite({ students: PURCHASES });
    [old, fresh] = [openPool(site.databaseUrl), openPool(cluster.url)];
  }, 120_000);
  afterAll(async () => {
    await Promise.all([old.end(), fresh.end()]);
    await site.stop();
    await cluster.remove();
  }, 60_000);

  it('when a logical dump of it is restored in another cluster, then the service goes on there and finishes what was open', async () => {
    const lost = await site.startReplica();
    const students = generatedStudentIds(PURCHASES);
    const opened = await forAll(PURCHASES, AT_ONCE, async (n) => {
      const who = { userId: students[n] as string, courseId: COURSES[0] as string, first: 0 };
      const buyer = new Buyer(site, [lost], who);
      const orderId = await buyer.place();
      return { orderId, session: await buyer.openPayment(orderId) };
    });
    const orderIds = opened.map(({ orderId }) => orderId);
    const approving = forAll(PURCHASES, AT_ONCE, (n) =>
      fetch(`${site.neighbours.pageUrl}/pay/${opened[n]?.session}/approve`, { method: 'POST' }),
    );
    // Some are paid, some are not yet: the backup is taken in the middle of it.
    await eventually(
      () => site.sql(`select 1 from orders where status = 'SUCCEEDED'`),
      (rows) => rows.length > 0,
    );
    const copies = await dump(old);
    await lost.kill();
    await approving;

    await migrate(cluster.url, testLog());
    await restore(fresh, copies);
    const sql = sqlOf(fresh);
    const [open] = await sql<{ unpaid: number; undelivered: number }>(`select
      count(*) filter (where status <> 'SUCCEEDED')::int as unpaid,
      count(*) filter (where fulfilment = 'IN_PROGRESS')::int as undelivered from orders`);
    // What the lost database had consumed after the backup is read again: a new group begins with the oldest message.
    await site.startReplica({
      DATABASE_URL: cluster.url,
      KAFKA_CONSUMER_GROUP: `restored-${orderIds[0]}`,
      GRPC_PORT: String(site.firstGrpcPort),
    });
    const { wrongs, ms } = await settle(site, sql);

    const wanted = new Map(orderIds.map((id) => [id, 'SUCCEEDED FULFILLED' as Ending]));
    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(await endings(sql, wanted)).toEqual(wanted);
    expect(await auditLog(site, sql)).toMatchObject({ missing: 0, neverCommitted: 0, outOfOrder: 0 });
    expect((open?.unpaid ?? 0) + (open?.undelivered ?? 0)).toBeGreaterThan(0);
    process.stdout.write(
      `restored: ${PURCHASES} orders, ${open?.unpaid} not paid and ${open?.undelivered} not delivered in the dump, ` +
        `all fulfilled ${ms} ms after the start on a new cluster\n`,
    );
  }, 600_000);
});
