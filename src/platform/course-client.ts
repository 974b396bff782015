import { toWellFormedText } from '../entities/shared/text.js';
import type { CourseMetadata } from '../generated/course.js';
import { CourseServiceDefinition, EnrollmentServiceDefinition } from '../generated/course_service.js';
import { asDown, isNotFound, type Caller } from './caller.js';
import { NeighbourDown, type Course, type CourseSource } from './neighbours.js';

/** Longer titles are cut, UTF-16 units. */
const LONGEST_TITLE = 500;

/** Courses without a currency are sold in the platform's own. */
const DEFAULT_CURRENCY = 'INR';

/** The platform's course service. Prices are whole major units; a discount price of zero, or none, means no discount. */
export function createCourseClient(caller: Caller): CourseSource {
  const courses = caller.client(CourseServiceDefinition);
  const enrolments = caller.client(EnrollmentServiceDefinition);
  return {
    async findCourses(ids) {
      const asked = new Set(ids.map((id) => id.toLowerCase()));
      try {
        const answer = await caller.read((options) => courses.getCoursesByIds({ courseIds: [...ids] }, options));
        const list = answer.result?.$case === 'success' ? answer.result.value.result : answer.result;
        if (list?.$case !== 'courses') throw new NeighbourDown(caller.service, `in-band error ${list?.value.code}`);
        const found = list.value.courses.map((course) => courseOf(caller.service, course));
        if (found.some(({ id }) => !asked.has(id)))
          throw new NeighbourDown(caller.service, 'a course nobody asked for');
        return new Map(found.map((course) => [course.id, course]));
      } catch (error) {
        throw asDown(caller.service, error);
      }
    },
    async isEnrolled(courseId, userId) {
      try {
        const { result } = await caller.read((options) =>
          enrolments.checkCourseEnrollment({ courseId, userId }, options),
        );
        if (result?.$case !== 'enrolled') throw new NeighbourDown(caller.service, 'no answer about an enrolment');
        return result.value;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw asDown(caller.service, error);
      }
    },
  };
}

/** In major units; in minor units it must still be a safe integer, with up to four decimal places. */
const isPrice = (value: number | undefined) =>
  value !== undefined && value >= 0 && Number.isSafeInteger(value * 10_000);

/** Refuses nonsense here, so that no order is ever priced by it. */
function courseOf(service: string, course: CourseMetadata): Course {
  const { id, title, instructorId, price, discountPrice, status } = course;
  // A code that ISO 4217 does not list passes: such a course is read, and refused only where it would be sold.
  const currency = (course.currency ?? DEFAULT_CURRENCY).toUpperCase();
  const sane = isPrice(price) && (discountPrice === undefined || isPrice(discountPrice)) && /^[A-Z]{3}$/.test(currency);
  const published = status === 'published';
  if (published && !(sane && id && title && instructorId))
    throw new NeighbourDown(service, `course ${id} makes no sense`);
  return {
    id: id.toLowerCase(),
    title: toWellFormedText(title, LONGEST_TITLE),
    instructorId: instructorId.toLowerCase(),
    price: price ?? 0,
    discountPrice,
    currency,
    published,
  };
}
