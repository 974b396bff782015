import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPostgresBus } from '../../src/messaging/bus/postgres-bus.js';
import { eventually } from '../support/eventually.js';
import { testLog } from '../support/log.js';
import { startProduct, type Product } from './support/product.js';
import { people, placeAndStart, untilOrder } from './support/purchase-steps.js';

const run = promisify(execFile);
const NOTHING_WRONG = 'revenue: 0 days differ\nseats: 0 sessions differ\nbookings: 0 without their order\n';
let product: Product;
let pool: pg.Pool;

beforeAll(async () => {
  product = await startProduct();
  pool = new pg.Pool({ connectionString: product.laptop.config.DATABASE_URL });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await product.stop();
}, 30_000);

async function command(...words: string[]): Promise<{ stdout: string; code: number }> {
  const env = { ...process.env, DATABASE_URL: product.laptop.config.DATABASE_URL };
  try {
    return { ...(await run('npm', ['run', '--silent', ...words], { env })), code: 0 };
  } catch (error) {
    return error as { stdout: string; code: number };
  }
}

describe('given messages that make no sense among good ones', () => {
  it('then they are dead letters with reason and origin, which can be listed, replayed and discarded', async () => {
    const bus = createPostgresBus({ pool, partitions: 3, log: testLog() });
    const publisher = bus.publisher();
    const topic = 'payment.order.succeeded.v1';
    const unknown = JSON.stringify({ eventId: 'e1', payload: { orderId: people.nobody, paymentId: 'p1' } });
    await publisher.send(
      ['not json', '{"payload":{}}', unknown].map((value) => ({ topic, key: 'k', value })),
      5_000,
    );
    await eventually(
      () => product.sql('select 1 from dead_letters'),
      (rows) => rows.length === 3,
    );
    await eventually(
      () => product.sql(`select 1 from bus.messages where topic = 'order-service.events.dlq'`),
      (rows) => rows.length === 3,
    );

    const listed = (await command('dead-letters', '--', 'list')).stdout.trim().split('\n');
    expect(listed).toHaveLength(3);
    expect(listed.join('\n')).toMatch(/payment\.order\.succeeded\.v1\[\d\]@\d+ {2}tries 1 {2}is not JSON/);
    expect(listed.join('\n')).toContain('orderId: Invalid input');
    const id = listed.find((line) => line.endsWith('unknown order'))?.split(' ')[0] ?? '';

    expect((await command('dead-letters', '--', 'replay', id)).stdout).toBe('replayed: 1\n');
    await eventually(
      () => product.sql('select 1 from dead_letters where resolution is null'),
      (rows) => rows.length === 3,
    );
    expect((await command('dead-letters', '--', 'discard', 'all')).stdout).toBe('discarded: 3\n');
    expect((await command('dead-letters', '--', 'list')).stdout).toBe('');
    expect((await command('dead-letters', '--', 'replay', 'nonsense')).code).toBe(1);
    await publisher.close();
    await bus.close();
  });
});

describe('given paid orders', () => {
  it('then the check proves the counted revenue by them, notices a wrong count, and can count anew', async () => {
    const asha = await product.as(people.asha);
    const { orderId, session } = await placeAndStart(asha, ['8d116ece-1738-47d9-bd9c-172411e20b8f']);
    await product.press('approve', session);
    await untilOrder(asha, orderId, 'SUCCEEDED', 'FULFILLED');
    expect(await command('check')).toMatchObject({ stdout: NOTHING_WRONG, code: 0 });
    await product.sql('update revenue_entries set gross_minor = gross_minor + 1');
    const wrong = await command('check');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/INR: counted 1\/49901\/0, orders say 1\/49900\/0/);
    expect(await command('check', '--', '--rebuild')).toMatchObject({ stdout: NOTHING_WRONG, code: 0 });
  });
});

describe('given a seat that somebody has booked', () => {
  it('then the check proves the counted seats by it, notices a wrong count and a lost order, and can count anew', async () => {
    const sessionId = '923a7369-94e3-4f91-9a61-dbe22e44158b';
    const asha = await product.as(people.asha);
    await asha.ask('mutation ($input: BookSessionInput!) { bookSession(input: $input) { __typename } }', {
      input: { sessionId },
    });
    await product.sql('update session_seats set taken = 3');
    await product.sql(`update session_bookings set order_id = null`);
    const wrong = await command('check');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain(`session ${sessionId}: counted 3/0, bookings and line say 1/0 (taken/waiting)\n`);
    expect(wrong.stdout).toMatch(/booking \S+: waits to be paid by no order\nbookings: 1 without their order\n$/);

    const rebuilt = await command('check', '--', '--rebuild');
    expect(rebuilt.stdout).toMatch(/seats: 0 sessions differ\nbooking .+\nbookings: 1 without their order\n$/);
    expect(rebuilt.code).toBe(1);
  });
});
