import { v5 as uuidV5 } from 'uuid';
import type { SampleCourse, SampleUser } from './sample-schema.js';

const NAMESPACE = '6f1a1f64-6a0e-4c55-9d0f-3b8f0f3a9a11';
const LEAST_PRICE = 199;
const PRICE_STEP = 137;
const PRICE_RANGE = 4800;

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Ids of the generated students 1 to `count`; the same number always has the same id. */
export function generatedStudentIds(count: number): string[] {
  return numbers(count).map((number) => uuidV5(`student-${number}`, NAMESPACE));
}

/** Ids of the generated courses 1 to `count`; the same number always has the same id. */
export function generatedCourseIds(count: number): string[] {
  return numbers(count).map((number) => uuidV5(`course-${number}`, NAMESPACE));
}

export function generatedStudents(count: number): SampleUser[] {
  return generatedStudentIds(count).map((id, index) => ({
    id,
    name: `Student ${index + 1}`,
    email: `student-${index + 1}@example.test`,
    roles: ['student'],
    status: 'verified',
  }));
}

/** Published courses in INR; every third one has a discount of a fifth. */
export function generatedCourses(count: number, instructorId: string): SampleCourse[] {
  return generatedCourseIds(count).map((id, index) => {
    const number = index + 1;
    const price = LEAST_PRICE + ((number * PRICE_STEP) % PRICE_RANGE);
    const discount = number % 3 === 0 ? { discountPrice: Math.floor(price * 0.8) } : {};
    return {
      id,
      title: `Course ${number}`,
      slug: `course-${number}`,
      price,
      ...discount,
      currency: 'INR',
      status: 'published',
      instructorId,
    };
  });
}
