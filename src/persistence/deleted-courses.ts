import { forEverybody } from '../observability/correlation.js';
import type { Fork } from './orm.js';

/** How long a process goes by what it read, ms. */
const FRESH_MS = 2_000;
/** The course service itself forgets a deleted course within minutes. */
const RECENT = `interval '1 day'`;

/** Courses that were deleted of late. Read at most every two seconds, by the first who asks. */
export class DeletedCourses {
  readonly #fork: Fork;
  #read: Promise<ReadonlySet<string>> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(fork: Fork) {
    this.#fork = fork;
  }

  recent(): Promise<ReadonlySet<string>> {
    if (this.#read && performance.now() - this.#readAt < FRESH_MS) return this.#read;
    this.#readAt = performance.now();
    this.#read = forEverybody(() => this.#load());
    return this.#read;
  }

  /** Lets the next who asks read anew. */
  forget(): void {
    this.#read = undefined;
  }

  async #load(): Promise<ReadonlySet<string>> {
    try {
      const sql = `select course_id from deleted_courses where deleted_at > clock_timestamp() - ${RECENT}`;
      return new Set((await this.#fork().execute<{ course_id: string }[]>(sql)).map((row) => row.course_id));
    } catch (error) {
      this.#read = undefined;
      throw error;
    }
  }
}
