import type { UnitOfWork } from '@mikro-orm/core';

/** Remembers what units of work have written, until they commit: a rolled back one is forgotten with its unit of work. */
export class Written<E> {
  readonly #written = new WeakMap<UnitOfWork, E[]>();

  add(uow: UnitOfWork, entities: readonly E[]): void {
    this.#written.set(uow, [...(this.#written.get(uow) ?? []), ...entities]);
  }

  /** What was written since the last commit. */
  take(uow: UnitOfWork | undefined): readonly E[] {
    if (!uow) return [];
    const written = this.#written.get(uow) ?? [];
    this.#written.delete(uow);
    return written;
  }
}
