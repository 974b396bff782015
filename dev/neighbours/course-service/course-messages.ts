import type { CourseMetadata, DeepPartial, GetCoursesRequest } from '../../../src/generated/course.js';
import type { SampleCourse, SampleUser } from '../../sample/sample-data.js';

// The service keeps times of its rows; the sample has none.
const SAMPLE_TIME = '2025-01-01T00:00:00.000Z';
const DEFAULT_PAGE_SIZE = 10;

/** What the course service holds. */
export interface Catalogue {
  readonly courses: ReadonlyMap<string, SampleCourse>;
  readonly users: ReadonlyMap<string, SampleUser>;
}

/** The wire form of a course, the same for lists and single ones. @throws Error when its instructor is missing */
export function toCourse({ users }: Catalogue, course: SampleCourse): DeepPartial<CourseMetadata> {
  const instructor = users.get(course.instructorId);
  if (!instructor) throw new Error(`Course ${course.id} lacks its instructor`);
  return {
    id: course.id,
    title: course.title,
    subTitle: '',
    slug: course.slug,
    level: 'beginner',
    description: `${course.title}, a sample course`,
    thumbnail: `https://images.example.test/courses/${course.slug}.png`,
    status: course.status,
    price: course.price,
    // As the real service: saving a course stores an absent discount as zero, and zero is sent.
    discountPrice: course.discountPrice ?? 0,
    currency: course.currency,
    instructorId: instructor.id,
    instructor: { id: instructor.id, name: instructor.name, email: instructor.email },
    createdAt: SAMPLE_TIME,
    updatedAt: SAMPLE_TIME,
  };
}

/** A course that exists for the outside: the service keeps deleted ones in its table. */
export function findCourse({ courses }: Catalogue, id: string): SampleCourse | undefined {
  const course = courses.get(id);
  return course?.status === 'deleted' ? undefined : course;
}

/** One page of the courses that match, and how many match in all. */
export function listCourses({ courses }: Catalogue, { params }: GetCoursesRequest) {
  const filters = params?.filters;
  const search = filters?.search?.toLowerCase();
  const matching = [...courses.values()].filter(
    ({ status, title, price }) =>
      status !== 'deleted' &&
      (filters?.status === undefined || status === filters.status) &&
      (search === undefined || title.toLowerCase().includes(search)) &&
      price >= (filters?.minPrice ?? 0) &&
      price <= (filters?.maxPrice ?? Infinity),
  );
  const size = params?.pagination?.pageSize || DEFAULT_PAGE_SIZE;
  const start = (Math.max(params?.pagination?.page ?? 1, 1) - 1) * size;
  return { page: matching.slice(start, start + size), total: matching.length };
}
