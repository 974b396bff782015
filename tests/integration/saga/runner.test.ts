import { describe, expect, test } from '@jest/globals';
import { SagaKind } from '../../../src/entities/saga.js';
import { countStuck } from '../../../src/saga/runner.js';
import type { SagaTask } from '../../../src/saga/saga-step.js';
import { MINUTE } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

import { fail, finish, sagaTable } from './saga-table.js';

const at = sagaTable();
const { runner, saga, rows } = at;

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
      bookingId: null,
      subjectId: null,
      attempts: 0,
      failures: 0,
      createdAt: at.stand.clock.now(),
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
    const until = new Date(at.stand.clock.now().getTime() + MINUTE);
    await runner(async () => ({ do: 'wait', until })).runDue();
    expect(await rows()).toMatchObject([
      { due_at: until, attempts: 1, failures: 0, last_error: null, lease_owner: null, lease_until: null },
    ]);
  });

  test('stick: an operator is needed, nothing runs it again', async () => {
    await saga('stuck');
    await runner(async () => ({ do: 'stick', because: 'not enrolled' })).runDue();
    expect(await rows()).toMatchObject([
      { stuck_since: at.stand.clock.now(), last_error: 'not enrolled', lease_owner: null },
    ]);
    expect([...(await countStuck(at.stand.fork))]).toEqual([[SagaKind.PURCHASE, 1]]);
    at.stand.clock.advance(60 * MINUTE);
    let ran = false;
    await runner(async () => ((ran = true), { do: 'finish' })).runDue();
    expect(ran).toBe(false);
  });

  test('an error: tried again after 1, 2, 4 … seconds; one success and the counting begins anew', async () => {
    await saga('failing');
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      const before = at.stand.clock.now();
      await runner(fail).runDue();
      const [row] = await rows();
      expect(row).toMatchObject({ attempts: 0, failures: n + 1, last_error: 'no answer', stuck_since: null });
      waits.push((present(row).due_at.getTime() - before.getTime()) / 1_000);
      at.stand.clock.advance(present(row).due_at.getTime() - before.getTime());
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    await runner(async () => ({ do: 'wait', until: at.stand.clock.now() })).runDue();
    expect(await rows()).toMatchObject([{ attempts: 1, failures: 0, last_error: null }]);
  });

  test('twenty errors in a row: stuck with the last one', async () => {
    await saga('hopeless');
    for (let n = 0; n < 20; n++) {
      await runner(fail).runDue();
      at.stand.clock.advance(6 * MINUTE);
    }
    expect(await rows()).toMatchObject([{ failures: 19, last_error: 'no answer', stuck_since: expect.any(Date) }]);
  });

  test('one that fails is no concern of the others of its batch', async () => {
    await Promise.all([saga('bad'), saga('good')]);
    await runner(({ step }) => (step === 'bad' ? fail : finish)({} as SagaTask)).runDue();
    expect((await rows()).map(({ step }) => step)).toEqual(['bad']);
  });
});
