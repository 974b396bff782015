import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { migrate } from '../../src/persistence/migrate.js';
import { eventually } from '../support/eventually.js';
import { testLog } from '../support/log.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { Buyer } from './support/buyer.js';
import { COURSES, type Ending } from './support/buyers.js';
import { dump, restore } from './support/dump.js';
import { auditLog } from './support/kafka-log.js';
import { postgresPart, type Part } from './support/part.js';
import { canStartSite, openPool, sqlOf, startSite, type Site } from './support/site.js';

const PURCHASES = scaled(500);

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
    const buyers = students.map(
      (userId) => new Buyer(site, [lost], { userId, courseId: COURSES[0] as string, first: 0 }),
    );
    const orderIds = await Promise.all(buyers.map((buyer) => buyer.place()));
    const sessions = await Promise.all(buyers.map((buyer, n) => buyer.startPayment(orderIds[n] as string)));
    const approving = Promise.all(
      sessions.map((session) => fetch(`${site.neighbours.pageUrl}/pay/${session}/approve`, { method: 'POST' })),
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
    const [open] = await sql<{ n: number }>(`select count(*)::int as n from orders where fulfilment <> 'FULFILLED'`);
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
    expect(open?.n).toBeGreaterThan(0);
    process.stdout.write(
      `restored: ${PURCHASES} orders, ${open?.n} of them open in the dump, all fulfilled ${ms} ms after the start on a new cluster\n`,
    );
  }, 600_000);
});
