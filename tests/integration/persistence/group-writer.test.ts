import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { GroupWriter, WriterBusy, type GroupWriterOptions } from '../../../src/persistence/group-writer.js';
import { withinScope } from '../../../src/observability/correlation.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { placedOrder, pricedItem } from '../../support/orders.js';
import { present } from '../../support/present.js';

let stand: OrderStand;
let names = 0;
beforeAll(async () => {
  stand = await openOrderStand();
  await placeFor(stand, 'the connection is made', 'algebra');
});
afterAll(() => stand.close());
beforeEach(() => void stand.proxy.takeStatements());

const newName = () => `grouped ${names++}`;
const writer = (options: GroupWriterOptions = {}) => new GroupWriter(stand.fork, options);

/** Writes an order of one buyer's own course. Resolves to its id. */
const write = (to: GroupWriter, name = newName()) =>
  to.write((em) => {
    const order = placedOrder([pricedItem(name)], name);
    em.persist(order);
    return order.id;
  });

const storedOf = async (ids: readonly string[]) =>
  (await stand.sql<{ id: string }>('select id from orders where id = any($1)', [ids])).map(({ id }) => id);

/** Lets no order be written until released. */
async function holdBack(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: stand.databaseUrl });
  await client.connect();
  await client.query('begin; lock table orders in exclusive mode');
  return () => client.end();
}

const isWaiting = () =>
  eventually(async () => {
    const [row] = await stand.sql<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return row?.n;
  });

describe('group commit', () => {
  test('what arrives together is one message, each caller gets its own answer', async () => {
    const to = writer();
    const wanted = Array.from({ length: 8 }, newName);
    const ids = await Promise.all(wanted.map((name) => write(to, name)));
    expect(ids).toEqual(wanted.map(idOf));
    expect((await storedOf(ids)).sort()).toEqual([...ids].sort());
    expect(stand.proxy.takeStatements()).toHaveLength(1);
  });

  test('what is written together keeps the cause of each caller: events, messages and traces', async () => {
    const to = writer();
    const causes = ['a', 'b', 'c'].map((letter) => ({
      correlationId: `cause ${letter}`,
      traceparent: `00-${letter.repeat(32)}-${letter.repeat(16)}-01`,
    }));
    const ids = await Promise.all(causes.map((scope) => withinScope(scope, () => write(to))));
    expect(stand.proxy.takeStatements()).toHaveLength(1);
    const rows = await stand.sql(
      `select correlation_id as id, headers->>'x-correlation-id' as header, headers->>'traceparent' as trace
       from order_events join outbox on aggregate_id = order_id where order_id = any($1) order by 1`,
      [ids],
    );
    expect(rows).toEqual(
      causes.map(({ correlationId, traceparent }) => ({
        id: correlationId,
        header: correlationId,
        trace: traceparent,
      })),
    );
  });

  test('more than a group holds goes over several lanes', async () => {
    const to = writer({ maxGroup: 5, lanes: 2 });
    const ids = await Promise.all(Array.from({ length: 12 }, () => write(to)));
    expect(await storedOf(ids)).toHaveLength(12);
    expect(stand.proxy.takeStatements()).toHaveLength(3);
  });

  test('one that violates a constraint fails alone: the others of its group are written', async () => {
    const to = writer({ maxGroup: 12 });
    const taken = newName();
    await write(to, taken);
    const good = Array.from({ length: 10 }, newName);
    const outcomes = await Promise.allSettled([...good, taken, taken].map((name) => write(to, name)));
    expect(outcomes.map(({ status }) => status)).toEqual([...good.map(() => 'fulfilled'), 'rejected', 'rejected']);
    for (const outcome of outcomes.slice(10)) {
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(UniqueConstraintViolationException);
    }
    expect(await storedOf(good.map(idOf))).toHaveLength(10);
  });

  /** Writes one order with an odd title together with 35 good ones. @returns what became of all */
  async function writeAmongGood(title: string) {
    const to = writer({ maxGroup: 36 });
    const good = Array.from({ length: 35 }, newName);
    const odd = to.write((em) => em.persist(placedOrder([{ ...pricedItem('odd'), title }], newName())));
    const outcomes = await Promise.allSettled([odd, ...good.map((name) => write(to, name))]);
    return { statuses: outcomes.map(({ status }) => status), stored: await storedOf(good.map(idOf)) };
  }
  const ONLY_THE_FIRST_FAILS = ['rejected', ...Array<string>(35).fill('fulfilled')];

  test('one with a NUL, which PostgreSQL calls a protocol violation, fails alone', async () => {
    const { statuses, stored } = await writeAmongGood('a\u0000b');
    expect([statuses, stored.length]).toEqual([ONLY_THE_FIRST_FAILS, 35]);
  });

  test('one that fails with an unknown error fails alone', async () => {
    await stand.sql(`create function refuse_odd() returns trigger language plpgsql as $$
      begin if new.title = 'odd' then raise exception 'unheard of'; end if; return new; end $$`);
    await stand.sql(
      `create trigger refuse_odd before insert on order_items for each row execute function refuse_odd()`,
    );
    const { statuses, stored } = await writeAmongGood('odd');
    await stand.sql('drop trigger refuse_odd on order_items');
    expect([statuses, stored.length]).toEqual([ONLY_THE_FIRST_FAILS, 35]);
  });

  test('one whose work throws fails alone', async () => {
    const to = writer();
    const failing = to.write(() => {
      throw new RangeError('no such price');
    });
    const [bad, good] = await Promise.allSettled([failing, write(to)]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'no such price' } });
    expect(good.status).toBe('fulfilled');
  });

  test('after failures the writer works on', async () => {
    expect(await storedOf([await write(writer({ lanes: 1 }))])).toHaveLength(1);
  });
});

describe('a database that is slow', () => {
  test('more than may wait is refused at once, nothing of it is written', async () => {
    const to = writer({ lanes: 1, maxGroup: 1, maxQueue: 3 });
    const release = await holdBack();
    const first = write(to);
    await isWaiting();
    const [late, ...queued] = [newName(), newName(), newName(), newName()];
    const waiting = queued.map((name) => write(to, name));
    await expect(write(to, late)).rejects.toThrow(new WriterBusy('too many writes wait'));
    await release();
    expect(await Promise.all([first, ...waiting])).toHaveLength(4);
    expect(await storedOf([idOf(present(late))])).toEqual([]);
  });

  test('whose time is over is refused, nothing of it is written', async () => {
    const to = writer({ lanes: 1, maxWaitMs: 30 });
    const release = await holdBack();
    const first = write(to);
    await isWaiting();
    const name = newName();
    const late = write(to, name).catch((error: unknown) => error);
    const since = performance.now();
    await eventually(() => performance.now() - since > 40, Boolean, { everyMs: 5 });
    await release();
    expect(await late).toEqual(new WriterBusy('waited too long for the database'));
    expect(await storedOf([await first, idOf(name)])).toEqual([await first]);
  });
});

test('a broken connection fails the whole group, and nothing is tried a second time', async () => {
  const to = writer();
  stand.proxy.loseAnswerOf((sql) => sql.includes('insert into "orders"'));
  const wanted = Array.from({ length: 4 }, newName);
  const outcomes = await Promise.allSettled(wanted.map((name) => write(to, name)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  expect(stand.proxy.takeStatements().filter((sql) => sql.includes('insert into "orders"'))).toHaveLength(1);
  // The server had carried it out: only its answer was lost.
  expect(await storedOf(wanted.map(idOf))).toHaveLength(4);
});
