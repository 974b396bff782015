/** A queue between what happens and one reader, bounded: a reader that is too slow is told so instead of growing it. */
export class Mailbox<T> {
  readonly #limit: number;
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  #overflown = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True once more was put in than the limit; the surplus is dropped. */
  get overflown(): boolean {
    return this.#overflown;
  }

  get closed(): boolean {
    return this.#closed;
  }

  put(items: readonly T[]): void {
    if (items.length === 0) return;
    this.#overflown ||= this.#items.length + items.length > this.#limit;
    // Nothing comes after a gap.
    if (!this.#overflown) this.#items.push(...items);
    this.#wake?.();
  }

  /** Ends waiting for good. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Everything there is, as soon as there is something; empty when closed, overflown, or at the given time. */
  async take(until: Date): Promise<T[]> {
    if (this.#items.length === 0 && !this.#closed && !this.#overflown) await this.#wait(until);
    return this.#items.splice(0);
  }

  #wait(until: Date): Promise<void> {
    return new Promise((resolve) => {
      // Timers hold at most 2^31 ms; a longer wait simply looks again.
      const timer = setTimeout(done, Math.min(Math.max(0, until.getTime() - Date.now()), 2 ** 31 - 1));
      const finish = () => (this.#wake = undefined);
      this.#wake = done;
      function done(): void {
        clearTimeout(timer);
        finish();
        resolve();
      }
    });
  }
}

/**
 * An iterator whose `return` takes effect at once, also while the generator waits.
 * @param ended is called when nothing more comes, perhaps more than once
 */
export function closable<T>(
  generator: AsyncGenerator<T, void, void>,
  close: () => void,
  ended: () => void,
): AsyncIterableIterator<T> {
  const watched = async (step: Promise<IteratorResult<T, void>>): Promise<IteratorResult<T, void>> => {
    try {
      const result = await step;
      if (result.done) ended();
      return result;
    } catch (error) {
      ended();
      throw error;
    }
  };
  return {
    next: () => watched(generator.next()),
    return: () => {
      close();
      return watched(generator.return());
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
