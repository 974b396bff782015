import { randomUUID } from 'node:crypto';
import { mayLeadTo } from '../entities/saga-steps.js';
import type { Saga, SagaKind } from '../entities/saga.js';
import type { Clock } from '../observability/clock.js';
import { withCorrelationId } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import { Loop } from '../observability/loop.js';
import type { Metrics } from '../observability/metrics.js';
import type { Fork } from '../persistence/orm.js';
import { afterFailure, type Next, type SagaHandler, type SagaTask } from './saga-step.js';

interface Row {
  readonly id: string;
  readonly kind: SagaKind;
  readonly step: string;
  readonly order_id: string | null;
  readonly booking_id: string | null;
  readonly subject_id: string | null;
  readonly attempts: number;
  readonly failures: number;
  readonly created_at: string;
}

const LEASE_MS = 30_000;
const BATCH = 20;
const POLL_MS = 500;
/** A step that hangs longer than any deadline of its calls gives its saga to another replica. */
const LONGEST_STEP_LEASES = 10;

/**
 * Runs due sagas of any replica: claims rows with a lease, performs the step, writes what comes next. The lease is
 * renewed while the step runs. A killed process's sagas go on when its lease ends; a step may then run beside its own
 * zombie, so every effect is idempotent.
 */
export class SagaRunner {
  readonly #fork: Fork;
  readonly #handlers: Readonly<Partial<Record<SagaKind, SagaHandler>>>;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #leaseMs: number;
  readonly #owner = randomUUID();
  readonly #loop: Loop;

  constructor(
    fork: Fork,
    handlers: Readonly<Partial<Record<SagaKind, SagaHandler>>>,
    clock: Clock,
    metrics: Metrics,
    log: Logger,
    leaseMs = LEASE_MS,
  ) {
    this.#fork = fork;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#log = log;
    this.#leaseMs = leaseMs;
    this.#loop = new Loop('sagas', POLL_MS, () => this.runDue(), log);
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  isHealthy(): boolean {
    return this.#loop.isRunning();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Claims and runs one batch. @returns true when there may be more */
  async runDue(): Promise<boolean> {
    const rows = await this.#claim();
    await Promise.all(rows.map((row) => this.#run(row)));
    return rows.length === BATCH;
  }

  async #claim(): Promise<Row[]> {
    const kinds = Object.keys(this.#handlers);
    return this.#fork().execute<Row[]>(
      `update sagas set lease_owner = ?, lease_until = clock_timestamp() + ? * interval '1 ms'
       where id in (select id from sagas
                    where stuck_since is null and due_at <= ? and kind in (?)
                      and (lease_until is null or lease_until <= clock_timestamp())
                    order by due_at limit ? for update skip locked)
       returning id, kind, step, order_id, booking_id, subject_id, attempts, failures, created_at`,
      [this.#owner, this.#leaseMs, this.#clock.now(), kinds, BATCH],
    );
  }

  async #run(row: Row): Promise<void> {
    const task: SagaTask = {
      id: row.id,
      step: row.step,
      orderId: row.order_id,
      bookingId: row.booking_id,
      subjectId: row.subject_id,
      attempts: row.attempts,
      failures: row.failures,
      createdAt: new Date(row.created_at),
    };
    await withCorrelationId(`saga:${row.id}`, async () => {
      const { next, error } = await this.#whileRenewing(row.id, () => this.#perform(row.kind, task));
      this.#metrics.sagaSteps.inc({ kind: row.kind, step: row.step, outcome: error ? 'failed' : next.do });
      await this.#write(row, next, error);
    });
  }

  async #whileRenewing<T>(id: string, step: () => Promise<T>): Promise<T> {
    let left = LONGEST_STEP_LEASES * 3;
    const renewing = setInterval(() => {
      if (left-- > 0) void this.#renew(id);
    }, this.#leaseMs / 3);
    try {
      return await step();
    } finally {
      clearInterval(renewing);
    }
  }

  /** Only while the saga is still this runner's: what another replica has taken over stays its own. */
  async #renew(id: string): Promise<void> {
    try {
      await this.#fork().execute(
        `update sagas set lease_until = clock_timestamp() + ? * interval '1 ms' where id = ? and lease_owner = ?`,
        [this.#leaseMs, id, this.#owner],
      );
    } catch (error) {
      this.#log.warn({ err: error, saga: id }, 'the lease of a saga could not be renewed');
    }
  }

  async #perform(kind: SagaKind, task: SagaTask): Promise<{ next: Next; error?: string }> {
    try {
      const handler = this.#handlers[kind];
      if (!handler) throw new Error(`no handler takes sagas of the kind ${kind}`);
      const next = await handler(task);
      if (next.do === 'wait' && next.step !== undefined && !mayLeadTo(kind, task.step, next.step))
        throw new Error(`the step ${task.step} of a ${kind} saga does not lead to ${next.step}`);
      return { next };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#log.warn({ err: error, saga: task.id, kind, step: task.step }, 'a step of a saga failed');
      return { next: afterFailure(task.failures, error, this.#clock.now()), error: error.message };
    }
  }

  /** Only while the lease is held: after its end another replica has the saga. */
  async #write(row: Row, next: Next, error: string | undefined): Promise<void> {
    const held = `id = ? and lease_owner = ?`;
    const em = this.#fork();
    if (next.do === 'finish') {
      await em.execute(`delete from sagas where ${held}`, [row.id, this.#owner]);
    } else if (next.do === 'wait') {
      await em.execute(
        `update sagas set due_at = ?, step = ?, attempts = ?, failures = ?, last_error = ?, lease_owner = null, lease_until = null where ${held}`,
        [
          next.until,
          next.step ?? row.step,
          row.attempts + (error ? 0 : 1),
          error ? row.failures + 1 : 0,
          error ?? null,
          row.id,
          this.#owner,
        ],
      );
    } else {
      this.#log.error(
        { saga: row.id, kind: row.kind, orderId: row.order_id, bookingId: row.booking_id, reason: next.because },
        'a saga is stuck',
      );
      await em.execute(
        `update sagas set stuck_since = ?, last_error = ?, lease_owner = null, lease_until = null where ${held}`,
        [this.#clock.now(), next.because, row.id, this.#owner],
      );
    }
  }
}

/** Counts stuck sagas by kind, for the metric. */
export async function countStuck(fork: Fork): Promise<ReadonlyMap<Saga['kind'], number>> {
  const rows = await fork().execute<{ kind: SagaKind; n: string }[]>(
    `select kind, count(*) as n from sagas where stuck_since is not null group by kind`,
  );
  return new Map(rows.map(({ kind, n }) => [kind, Number(n)]));
}
