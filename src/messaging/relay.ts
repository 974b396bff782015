import { randomUUID } from 'node:crypto';
import type { Logger } from '../observability/log.js';
import { Loop } from '../observability/loop.js';
import type { Metrics } from '../observability/metrics.js';
import type { Fork } from '../persistence/orm.js';
import { MessageRefused, type Bus, type Publisher } from './bus/bus.js';
import { deadLetters } from './dead-letters.js';
import { OutboxPass, type Lease, type OutboxRow } from './outbox.js';

const LEASE_MS = 8_000;
/** Below half the lease, so that a send has ended before another relay may own the shard. */
const SEND_MS = 3_000;
const BATCH = 500;
const POLL_MS = 500;
const TROUBLE_MS = 60_000;

/**
 * Publishes the outbox: at least once, in order within an aggregate. Each shard has one owner by a lease; what is sent is
 * deleted only under the lease it was read with. After any error the leases are renewed and the rows read and sent again.
 */
export class Relay {
  readonly #fork: Fork;
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #owner = randomUUID();
  readonly #loop: Loop;
  #publisher: Publisher | undefined;
  #leases: readonly Lease[] = [];
  #leasedUntil = 0;
  #troubleSince: number | undefined;

  constructor(fork: Fork, bus: Bus, metrics: Metrics, log: Logger) {
    this.#fork = fork;
    this.#bus = bus;
    this.#metrics = metrics;
    this.#log = log;
    this.#loop = new Loop('relay', POLL_MS, () => this.#round(), log);
  }

  start(): void {
    this.#loop.start();
  }

  /** To be called after a commit: what was written is published at once. */
  wake(): void {
    this.#loop.wake();
  }

  /** False when the loop has died or nothing could be sent for a minute. */
  isHealthy(): boolean {
    const troubled = this.#troubleSince !== undefined && performance.now() - this.#troubleSince > TROUBLE_MS;
    return this.#loop.isRunning() && !troubled;
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#publisher?.close();
    try {
      await this.#fork().execute(`update relay_leases set until = '-infinity' where owner = ?`, [this.#owner]);
    } catch (error) {
      this.#log.warn({ err: error }, 'the shards could not be let go; they are free when the lease ends');
    }
  }

  /** @returns true when there may be more to send at once */
  async #round(): Promise<boolean> {
    try {
      await this.#renewLeases();
      const more = this.#leases.length > 0 && (await this.#publish());
      this.#troubleSince = undefined;
      return more;
    } catch (error) {
      this.#metrics.relayFailures.inc();
      this.#troubleSince ??= performance.now();
      this.#leasedUntil = 0;
      this.#log.warn({ err: error }, 'the outbox could not be published; trying again');
      return false;
    }
  }

  /**
   * Publishes until nothing is left or the leases must be renewed. While a batch is sent, the one before it is deleted and
   * the next one read; a next round begins at the first row again, so that none is passed over for long.
   */
  async #publish(): Promise<boolean> {
    const pass = new OutboxPass(this.#fork, this.#owner, this.#leases, BATCH);
    let forgetting: Promise<void> | undefined;
    let rows = await pass.next();
    const more = pass.mayHaveMore(rows);
    try {
      while (rows.length > 0 && performance.now() < this.#leasedUntil) {
        const next = pass.mayHaveMore(rows) ? pass.next() : [];
        await allSettled([this.#send(rows), forgetting, next]);
        forgetting = pass.forget(rows);
        rows = await next;
      }
    } finally {
      await forgetting;
    }
    return more || rows.length > 0;
  }

  /** Takes free shards and keeps the own ones, by the database's clock. */
  async #renewLeases(): Promise<void> {
    if (performance.now() < this.#leasedUntil) return;
    const asked = performance.now();
    this.#leases = await this.#fork().execute<Lease[]>(
      `update relay_leases set owner = ?, until = clock_timestamp() + ? * interval '1 ms',
         epoch = case when owner = ? and until > clock_timestamp() then epoch else epoch + 1 end
       where shard in (select shard from relay_leases where owner = ? or until <= clock_timestamp()
                       order by shard for update skip locked)
       returning shard, epoch`,
      [this.#owner, LEASE_MS, this.#owner, this.#owner],
    );
    this.#leasedUntil = asked + LEASE_MS - SEND_MS * 2;
  }

  /** A batch with a message that can never be sent is halved until that message is alone, and parked. */
  async #send(rows: readonly OutboxRow[]): Promise<void> {
    this.#publisher ??= this.#bus.publisher();
    try {
      await this.#publisher.send(
        rows.map(({ topic, key, payload, headers }) => ({ topic, key, value: payload, headers })),
        SEND_MS,
      );
      for (const { topic } of rows) this.#metrics.published.inc({ topic });
    } catch (error) {
      if (!(error instanceof MessageRefused)) throw error;
      if (rows.length === 1) return this.#park(rows, error);
      const half = Math.ceil(rows.length / 2);
      await this.#renewLeases();
      await this.#send(rows.slice(0, half));
      await this.#send(rows.slice(half));
    }
  }

  /** One row must not stop a shard: it becomes a dead letter, with its reason and what fits of it. */
  async #park(rows: readonly OutboxRow[], { message: reason }: MessageRefused): Promise<void> {
    for (const { id, topic, key, payload, headers } of rows) {
      const letter = { topic, key, value: payload, headers, partition: -1, offset: id };
      const failure = { message: letter, reason: `cannot be published: ${reason}`, attempts: 1 };
      await deadLetters(this.#fork, [failure], new Date());
      this.#metrics.deadLetters.inc({ topic });
      this.#log.error(
        { topic, eventId: id, reason },
        'a message can never be published; it was put among the dead letters',
      );
    }
  }
}

/** Waits for the end of all. @throws the first error among them */
async function allSettled(work: readonly unknown[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}
