import { randomUUID } from 'node:crypto';
import type { Course } from '../../src/platform/neighbours.js';
import type { StubNeighbours } from '../../tests/support/stub-neighbours.js';

const COURSES = 500;

/** What one caller orders: two courses, by a buyer who has nothing yet, under a key of its own. */
export interface Cart {
  readonly buyerId: string;
  readonly courses: readonly [Course, Course];
  readonly key: string;
}

/** Fills the catalogue. @returns makes the next cart */
export function stockCatalogue(neighbours: StubNeighbours): () => Cart {
  const ids = Array.from({ length: COURSES }, (_, i) => neighbours.addCourse(`Course number ${i}`));
  let next = 0;
  const course = () => {
    const found = neighbours.catalogue.get(ids[next++ % COURSES] ?? '');
    if (!found) throw new Error('the catalogue is empty');
    return found;
  };
  return () => ({ buyerId: randomUUID(), courses: [course(), course()], key: randomUUID() });
}
