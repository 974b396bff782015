import type { ImportedOrder } from '../entities/order-importing.js';
import type { CourseSource } from '../platform/neighbours.js';
import type { CheckedOrder } from './check-old-order.js';

/** Most courses asked for in one call. */
const BATCH = 100;

/** Names of courses as the course service knows them now: the old service kept none. */
export class ImportTitles {
  readonly #source: CourseSource | undefined;
  readonly #known = new Map<string, { readonly title: string; readonly instructorId: string | null }>();
  readonly #unknown = new Set<string>();

  /** @param source absent: no course has a name */
  constructor(source: CourseSource | undefined) {
    this.#source = source;
  }

  /** How many courses of all orders have no name. */
  get unknown(): number {
    return this.#unknown.size;
  }

  /** Asks for the courses of these orders, each once in a run. @throws NeighbourDown */
  async learn(orders: readonly CheckedOrder[]): Promise<void> {
    const wanted = new Set(orders.flatMap(({ items }) => items.map(({ productId }) => productId)));
    const ids = [...wanted].filter((id) => !this.#known.has(id) && !this.#unknown.has(id));
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = ids.slice(from, from + BATCH);
      const found = await this.#source?.findCourses(batch);
      for (const id of batch) {
        const course = found?.get(id);
        if (course?.title) this.#known.set(id, { title: course.title, instructorId: course.instructorId || null });
        else this.#unknown.add(id);
      }
    }
  }

  /** The order with the names of its courses. */
  name(order: CheckedOrder): ImportedOrder {
    const items = order.items.map((item) => {
      const { productId } = item;
      return { ...item, ...(this.#known.get(productId) ?? { title: `Course ${productId}`, instructorId: null }) };
    });
    return { ...order, items };
  }
}
