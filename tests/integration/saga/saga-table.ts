import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { SagaKind } from '../../../src/entities/saga.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { SagaRunner } from '../../../src/saga/runner.js';
import type { Next, SagaTask } from '../../../src/saga/saga-step.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { MINUTE } from '../../support/test-clock.js';

export type Handler = (task: SagaTask) => Promise<Next>;

export const finish: Handler = async () => ({ do: 'finish' });
export const fail: Handler = () => Promise.reject(new Error('no answer'));

interface SagaRow {
  readonly step: string;
  readonly due_at: Date;
  readonly attempts: number;
  readonly failures: number;
}

/** A stand whose table of sagas is empty before each test of the file. */
export function sagaTable() {
  let stand: OrderStand;
  beforeAll(async () => {
    stand = await openOrderStand();
  });
  afterAll(() => stand.close());
  beforeEach(() => stand.sql('delete from sagas'));

  return {
    get stand() {
      return stand;
    },
    /** A runner that knows purchases only. */
    runner: (handler: Handler, { fork, env }: TestProcess = stand, leaseMs?: number) =>
      new SagaRunner(fork, { [SagaKind.PURCHASE]: handler }, env.clock, createMetrics(), testLog(), leaseMs),
    /** A saga that is due so many minutes from now. */
    saga: async (name: string, dueIn = 0, kind = SagaKind.PURCHASE): Promise<string> => {
      const now = stand.clock.now();
      const dueAt = new Date(now.getTime() + dueIn * MINUTE);
      await stand.sql(
        `insert into sagas (id, kind, step, due_at, attempts, failures, created_at) values ($1, $2, $3, $4, 0, 0, $5)`,
        [idOf(name), kind, name, dueAt, now],
      );
      return idOf(name);
    },
    rows: () =>
      stand.sql<SagaRow>(
        'select step, due_at, attempts, failures, last_error, stuck_since, lease_owner, lease_until from sagas order by step',
      ),
  };
}
