import type { Fork } from '../persistence/orm.js';
import type { CourseSource } from '../platform/neighbours.js';
import { NeighbourDown } from '../platform/neighbours.js';

/** What was sold of a course in one currency, in minor units. */
export interface SalesInCurrency {
  readonly currency: string;
  /** Number of paid orders with it. */
  readonly orders: number;
  readonly gross: bigint;
  readonly refunded: bigint;
}

/** The course service cannot be asked now whose course it is. */
export class CoursesUnavailable extends Error {
  override name = 'CoursesUnavailable';
}

/** What instructors and operators see of the sales of courses, without buyers. */
export interface CourseSales {
  /** Paid orders, by course; a course that was never sold is missing. One statement for any number of courses. */
  ofCourses(courseIds: readonly string[]): Promise<ReadonlyMap<string, readonly SalesInCurrency[]>>;
  /** Who teaches each course; one that the course service does not know is missing. @throws CoursesUnavailable */
  instructorsOf(courseIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

interface Row {
  readonly course_id: string;
  readonly currency: string;
  readonly orders: string;
  readonly gross: string;
  readonly refunded: string;
}

export function createCourseSales(fork: Fork, courses: CourseSource): CourseSales {
  return {
    async ofCourses(courseIds) {
      // A refund gives back whole items, or the order; what an operator gave back in part belongs to no course.
      const rows = await fork().execute<Row[]>(
        `select item.product_id as course_id, orders.currency, count(*) as orders, sum(item.price_minor) as gross,
           coalesce(sum(item.price_minor) filter (where item.fulfilment = 'REVOKED' or orders.status = 'REFUNDED'), 0) as refunded
         from order_items item join orders on orders.id = item.order_id and orders.revision = item.revision
         where item.kind = 'COURSE' and item.product_id in (?) and orders.paid_at is not null
           and orders.status in ('SUCCEEDED', 'REFUNDED')
         group by 1, 2 order by 1, 2`,
        [courseIds],
      );
      return Map.groupBy(rows.map(salesOf), ({ courseId }) => courseId);
    },
    async instructorsOf(courseIds) {
      try {
        const found = await courses.findCourses(courseIds);
        return new Map([...found.values()].map(({ id, instructorId }) => [id, instructorId]));
      } catch (error) {
        if (error instanceof NeighbourDown) throw new CoursesUnavailable(error.message, { cause: error });
        throw error;
      }
    },
  };
}

const salesOf = ({ course_id: courseId, currency, orders, gross, refunded }: Row) => ({
  courseId,
  currency,
  orders: Number(orders),
  gross: BigInt(gross),
  refunded: BigInt(refunded),
});
