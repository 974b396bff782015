import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SagaKind } from '../../../src/entities/saga.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { countStuck, SagaRunner } from '../../../src/saga/runner.js';
import type { Next, SagaTask } from '../../../src/saga/saga-step.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { MINUTE } from '../../support/test-clock.js';

let stand: OrderStand;
let other: TestProcess;
const started: SagaRunner[] = [];

beforeAll(async () => {
  stand = await openOrderStand();
  other = await stand.newProcess();
});
afterAll(() => stand.close());
beforeEach(() => stand.sql('delete from sagas'));
afterEach(() => Promise.all(started.splice(0).map((runner) => runner.stop())));

type Handler = (task: SagaTask) => Promise<Next>;

const runner = (handler: Handler, { fork, env }: TestProcess = stand) =>
  new SagaRunner(fork, { [SagaKind.PURCHASE]: handler }, env.clock, createMetrics(), testLog());
const finish: Handler = async () => ({ do: 'finish' });
const fail: Handler = () => Promise.reject(new Error('no answer'));

/** A saga that is due so many minutes from now. */
async function saga(name: string, dueIn = 0, kind = SagaKind.PURCHASE): Promise<string> {
  const now = stand.clock.now();
  const dueAt = new Date(now.getTime() + dueIn * MINUTE);
  await stand.sql(
    `insert into sagas (id, kind, step, due_at, attempts, failures, created_at) values ($1, $2, $3, $4, 0, 0, $5)`,
    [idOf(name), kind, name, dueAt, now],
  );
  return idOf(name);
}

const rows = () =>
  stand.sql<{ step: string; due_at: Date; attempts: number; failures: number }>(
    'select step, due_at, attempts, failures, last_error, stuck_since, lease_owner, lease_until from sagas order by step',
  );

describe('what is due', () => {
  test('runs, and what is not stays', async () => {
    await Promise.all([saga('long ago', -3), saga('just now'), saga('later', 1)]);
    const ran: string[] = [];
    const due = runner(async ({ step }) => {
      ran.push(step);
      return { do: 'finish' };
    });
    expect(await due.runDue()).toBe(false);
    expect([ran.sort(), (await rows()).map(({ step }) => step)]).toEqual([['just now', 'long ago'], ['later']]);
  });

  test('the longest due first, twenty at once; then there may be more', async () => {
    await Promise.all(Array.from({ length: 25 }, (_, n) => saga(`saga ${n}`, n - 30)));
    const ran: string[] = [];
    const due = runner(async ({ step }) => {
      ran.push(step);
      return { do: 'finish' };
    });
    expect([await due.runDue(), ran.length]).toEqual([true, 20]);
    expect(new Set(ran)).toEqual(new Set(Array.from({ length: 20 }, (_, n) => `saga ${n}`)));
    expect([await due.runDue(), ran.length]).toEqual([false, 25]);
  });

  test('of a kind that this release does not know is left to another', async () => {
    await saga('unknown', 0, SagaKind.REFUND);
    await runner(fail).runDue();
    expect(await rows()).toMatchObject([{ step: 'unknown', failures: 0, lease_owner: null }]);
  });

  test('gets what it needs to decide', async () => {
    const id = await saga('a step');
    let seen: SagaTask | undefined;
    await runner(async (task) => {
      seen = task;
      return { do: 'finish' };
    }).runDue();
    expect(seen).toEqual({
      id,
      step: 'a step',
      orderId: null,
      subjectId: null,
      attempts: 0,
      failures: 0,
      createdAt: stand.clock.now(),
    });
  });
});

describe('what a step leads to', () => {
  test('finish: the saga is gone', async () => {
    await saga('done');
    await runner(finish).runDue();
    expect(await rows()).toEqual([]);
  });

  test('wait: it is due then, free for any runner, with one attempt more', async () => {
    await saga('waiting');
    const until = new Date(stand.clock.now().getTime() + MINUTE);
    await runner(async () => ({ do: 'wait', until })).runDue();
    expect(await rows()).toMatchObject([
      { due_at: until, attempts: 1, failures: 0, last_error: null, lease_owner: null, lease_until: null },
    ]);
  });

  test('stick: an operator is needed, nothing runs it again', async () => {
    await saga('stuck');
    await runner(async () => ({ do: 'stick', because: 'not enrolled' })).runDue();
    expect(await rows()).toMatchObject([
      { stuck_since: stand.clock.now(), last_error: 'not enrolled', lease_owner: null },
    ]);
    expect([...(await countStuck(stand.fork))]).toEqual([[SagaKind.PURCHASE, 1]]);
    stand.clock.advance(60 * MINUTE);
    let ran = false;
    await runner(async () => ((ran = true), { do: 'finish' })).runDue();
    expect(ran).toBe(false);
  });

  test('an error: tried again after 1, 2, 4 … seconds; one success and the counting begins anew', async () => {
    await saga('failing');
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      const before = stand.clock.now();
      await runner(fail).runDue();
      const [row] = await rows();
      expect(row).toMatchObject({ attempts: 0, failures: n + 1, last_error: 'no answer', stuck_since: null });
      waits.push((row!.due_at.getTime() - before.getTime()) / 1_000);
      stand.clock.advance(row!.due_at.getTime() - before.getTime());
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    await runner(async () => ({ do: 'wait', until: stand.clock.now() })).runDue();
    expect(await rows()).toMatchObject([{ attempts: 1, failures: 0, last_error: null }]);
  });

  test('twenty errors in a row: stuck with the last one', async () => {
    await saga('hopeless');
    for (let n = 0; n < 20; n++) {
      await runner(fail).runDue();
      stand.clock.advance(6 * MINUTE);
    }
    expect(await rows()).toMatchObject([{ failures: 19, last_error: 'no answer', stuck_since: expect.any(Date) }]);
  });

  test('one that fails is no concern of the others of its batch', async () => {
    await Promise.all([saga('bad'), saga('good')]);
    await runner(({ step }) => (step === 'bad' ? fail : finish)({} as SagaTask)).runDue();
    expect((await rows()).map(({ step }) => step)).toEqual(['bad']);
  });
});

describe('a lease', () => {
  /** A handler that hangs until it is let go. */
  function hanging() {
    let letGo = () => undefined as void;
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
      return { do: 'wait', until: new Date(stand.clock.now().getTime() + MINUTE) };
    }, other);
    await second.runDue();
    expect(ran).toBe(0);
    const [lease] = await stand.sql<{ seconds: number }>(
      'select extract(epoch from lease_until - clock_timestamp())::float as seconds from sagas',
    );
    expect(lease!.seconds).toBeGreaterThan(25);
    expect(lease!.seconds).toBeLessThanOrEqual(30);

    await stand.sql('update sagas set lease_until = clock_timestamp()');
    await second.runDue();
    expect(ran).toBe(1);
    const after = await rows();
    zombie.letGo();
    await first;
    expect(await rows()).toEqual(after);
    expect(after).toMatchObject([{ attempts: 1, stuck_since: null, lease_owner: null }]);
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
      stand.proxy.stop();
      return { do: 'finish' };
    });
    await expect(cut.runDue()).rejects.toThrow();
    stand.proxy.resume();
    await stand.sql('update sagas set lease_until = clock_timestamp()');
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
    stand.proxy.stop();
    await saga('meanwhile');
    await expect(stand.fork().execute('select 1')).rejects.toThrow();
    stand.proxy.resume();
    await eventually(async () => (await rows()).length === 0);
  });
});
