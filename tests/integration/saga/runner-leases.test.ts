import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { SagaRunner } from '../../../src/saga/runner.js';
import { eventually } from '../../support/eventually.js';
import { type TestProcess } from '../../support/order-stand.js';
import { MINUTE } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

import { finish, sagaTable, type Handler } from './saga-table.js';

const SHORT_LEASE_MS = 600;
const at = sagaTable();
const { runner, saga, rows } = at;
const started: SagaRunner[] = [];
let other: TestProcess;
beforeAll(async () => {
  other = await at.stand.newProcess();
});
afterEach(() => Promise.all(started.splice(0).map((one) => one.stop())));

describe('a lease', () => {
  /** A handler that hangs until it is let go. */
  function hanging() {
    let letGo: () => void = () => undefined;
    let isRunning = false;
    const handler: Handler = async () => {
      isRunning = true;
      await new Promise<void>((resolve) => (letGo = resolve));
      return { do: 'stick', because: 'the zombie wrote' };
    };
    return { handler, letGo: () => letGo(), running: () => eventually(() => isRunning) };
  }

  test('keeps others away; a dead runner’s saga goes on when it ends, and the zombie changes nothing', async () => {
    await saga('held');
    const zombie = hanging();
    const first = runner(zombie.handler).runDue();
    await zombie.running();
    let ran = 0;
    const second = runner(async () => {
      ran += 1;
      return { do: 'wait', until: new Date(at.stand.clock.now().getTime() + MINUTE) };
    }, other);
    await second.runDue();
    expect(ran).toBe(0);
    const [lease] = await at.stand.sql<{ seconds: number }>(
      'select extract(epoch from lease_until - clock_timestamp())::float as seconds from sagas',
    );
    expect(present(lease).seconds).toBeGreaterThan(25);
    expect(present(lease).seconds).toBeLessThanOrEqual(30);

    await at.stand.sql('update sagas set lease_until = clock_timestamp()');
    await second.runDue();
    expect(ran).toBe(1);
    const after = await rows();
    zombie.letGo();
    await first;
    expect(await rows()).toEqual(after);
    expect(after).toMatchObject([{ attempts: 1, stuck_since: null, lease_owner: null }]);
  });

  test('is renewed while a step runs, so that no other runner takes a long one', async () => {
    await saga('long');
    const long = hanging();
    const first = runner(long.handler, at.stand, SHORT_LEASE_MS).runDue();
    await long.running();
    const since = Date.now();
    let ran = 0;
    const second = runner(async () => {
      ran += 1;
      return { do: 'finish' };
    }, other);
    await eventually(async () => {
      await second.runDue();
      return Date.now() - since > 3 * SHORT_LEASE_MS;
    });
    expect(ran).toBe(0);
    long.letGo();
    await first;
    expect(await rows()).toMatchObject([{ last_error: 'the zombie wrote', lease_owner: null }]);
  });

  test('that another runner has taken is renewed by its owner only', async () => {
    await saga('taken');
    const zombie = hanging();
    const first = runner(zombie.handler, at.stand, SHORT_LEASE_MS).runDue();
    await zombie.running();
    const until = new Date('2026-01-01T00:00:00Z');
    await at.stand.sql(`update sagas set lease_owner = 'another', lease_until = $1`, [until]);
    at.stand.proxy.takeStatements();
    // With the second renewal on its way, the first has been carried out.
    const renewals: string[] = [];
    await eventually(() => {
      renewals.push(...at.stand.proxy.takeStatements().filter((sql) => sql.startsWith('update sagas set lease_until')));
      return renewals.length >= 2;
    });
    expect(await rows()).toMatchObject([{ lease_owner: 'another', lease_until: until }]);
    zombie.letGo();
    await first;
    expect(await rows()).toMatchObject([{ lease_owner: 'another', last_error: null }]);
  });

  test('two runners at once run each saga once', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => saga(`shared ${n}`)));
    const ran: string[] = [];
    const handler: Handler = async ({ step }) => {
      ran.push(step);
      return { do: 'finish' };
    };
    const [one, two] = [runner(handler), runner(handler, other)];
    await eventually(async () => {
      await Promise.all([one.runDue(), two.runDue()]);
      return (await rows()).length === 0;
    });
    expect([ran.length, new Set(ran).size]).toEqual([60, 60]);
  });

  test('a result that cannot be written: the saga runs again when the lease has ended', async () => {
    await saga('unwritten');
    let ran = 0;
    const cut = runner(async () => {
      ran += 1;
      at.stand.proxy.stop();
      return { do: 'finish' };
    });
    await expect(cut.runDue()).rejects.toThrow();
    at.stand.proxy.resume();
    await at.stand.sql('update sagas set lease_until = clock_timestamp()');
    await runner(finish).runDue();
    expect([ran, await rows()]).toEqual([1, []]);
  });
});

describe('the loop', () => {
  test('runs what comes, at once when woken, until it is stopped', async () => {
    const ran: string[] = [];
    const loop = runner(async ({ step }) => {
      ran.push(step);
      return { do: 'finish' };
    });
    started.push(loop);
    expect(loop.isHealthy()).toBe(false);
    loop.start();
    expect(loop.isHealthy()).toBe(true);
    for (const step of ['one', 'two', 'three']) {
      await saga(step);
      loop.wake();
      await eventually(() => ran.includes(step), Boolean, { limitMs: 2_000, everyMs: 5 });
    }
    await loop.stop();
    expect(loop.isHealthy()).toBe(false);
    await saga(randomUUID());
    expect([ran, (await rows()).length]).toEqual([['one', 'two', 'three'], 1]);
  });

  test('survives a database that is away', async () => {
    const loop = runner(finish);
    started.push(loop);
    loop.start();
    at.stand.proxy.stop();
    await saga('meanwhile');
    await expect(at.stand.fork().execute('select 1')).rejects.toThrow();
    at.stand.proxy.resume();
    await eventually(async () => (await rows()).length === 0);
  });
});
