import { AsyncResource } from 'node:async_hooks';
import { isDatabaseAway } from './errors.js';
import type { EntityManager, Fork } from './orm.js';

/**
 * True where the answer of COMMIT may have been lost: each caller then looks its own write up. A group that is written
 * again after that would violate its own keys.
 */
const mayHaveCommitted = isDatabaseAway;

/** The queue is full or the caller's time is over: nothing was written. */
export class WriterBusy extends Error {
  override name = 'WriterBusy';
}

interface Entry {
  readonly work: (em: EntityManager) => unknown;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupWriterOptions {
  /** Most entries in one transaction. */
  readonly maxGroup?: number;
  /** Most transactions at once. */
  readonly lanes?: number;
  /** Most entries that wait. */
  readonly maxQueue?: number;
  /** Longest wait of an entry, ms. */
  readonly maxWaitMs?: number;
}

/**
 * Group commit: what arrives while `lanes` flushes are on their way shares the next unit of work. `work` must be
 * synchronous and repeatable: when a group fails for anything but an outage of the database, each member runs again
 * alone, so that only the one at fault is refused. What `work` returns shares an entity manager with strangers' orders:
 * return plain data.
 */
export class GroupWriter {
  readonly #fork: Fork;
  readonly #options: Required<GroupWriterOptions>;
  #queue: Entry[] = [];
  #running = 0;
  #scheduled = false;

  constructor(fork: Fork, options: GroupWriterOptions = {}) {
    this.#fork = fork;
    this.#options = { maxGroup: 8, lanes: 4, maxQueue: 1_000, maxWaitMs: 5_000, ...options };
  }

  /** @throws WriterBusy when too much waits, else what the flush throws */
  write<T>(work: (em: EntityManager) => T): Promise<T> {
    if (this.#queue.length >= this.#options.maxQueue) return Promise.reject(new WriterBusy('too many writes wait'));
    return new Promise<T>((resolve, reject) => {
      // The flush runs for whoever came first: each work keeps the scope of its own caller.
      const bound = AsyncResource.bind(work);
      this.#queue.push({ work: bound, deadline: performance.now() + this.#options.maxWaitMs, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      // All that arrives in one turn of the event loop goes together.
      setImmediate(() => {
        this.#scheduled = false;
        this.#drain();
      });
    });
  }

  #drain(): void {
    while (this.#queue.length > 0 && this.#running < this.#options.lanes) {
      const group = this.#queue.splice(0, this.#options.maxGroup).filter((entry) => this.#isInTime(entry));
      if (group.length === 0) continue;
      this.#running += 1;
      void this.#flush(group).finally(() => {
        this.#running -= 1;
        this.#drain();
      });
    }
  }

  #isInTime(entry: Entry): boolean {
    if (entry.deadline > performance.now()) return true;
    entry.reject(new WriterBusy('waited too long for the database'));
    return false;
  }

  async #flush(group: readonly Entry[]): Promise<void> {
    let sent = false;
    try {
      const em = this.#fork();
      const results = group.map(({ work }) => work(em));
      sent = true;
      await em.flush();
      group.forEach(({ resolve }, i) => resolve(results[i] as never));
    } catch (error) {
      if (group.length > 1 && !(sent && mayHaveCommitted(error))) {
        for (const entry of group) if (this.#isInTime(entry)) await this.#flush([entry]);
        return;
      }
      for (const { reject } of group) reject(error);
    }
  }
}
