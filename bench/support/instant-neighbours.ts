import { createServer } from 'nice-grpc';
import { CourseServiceDefinition, EnrollmentServiceDefinition } from '../../src/generated/course_service.js';
import { UserServiceDefinition } from '../../src/generated/user_service.js';
import { idOf } from '../../tests/support/ids.js';

const TEACHER = idOf('teacher of every course');

/** The user and course services over real gRPC, answering at once: everybody exists, everything is on sale. */
export interface InstantNeighbours {
  /** host:port */
  readonly address: string;
  stop(): void;
}

export async function startInstantNeighbours(): Promise<InstantNeighbours> {
  const server = createServer();
  server.add(UserServiceDefinition, {
    getUser: async ({ userId: id }) => ({
      result: { $case: 'user', value: { id, email: `${id}@mail.example`, status: 'active' } },
    }),
    listUsersByIds: async () => unused(),
  });
  server.add(CourseServiceDefinition, {
    getCoursesByIds: async ({ courseIds }) => {
      const courses = courseIds.map((id) => ({
        id,
        title: 'A course',
        instructorId: TEACHER,
        price: 499,
        currency: 'INR',
        status: 'published',
      }));
      return { result: { $case: 'success', value: { result: { $case: 'courses', value: { courses } } } } };
    },
    getCourses: async () => unused(),
    getCourse: async () => unused(),
  });
  server.add(EnrollmentServiceDefinition, {
    checkCourseEnrollment: async () => ({ result: { $case: 'enrolled', value: false } }),
  });
  const port = await server.listen('127.0.0.1:0');
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

function unused(): never {
  throw new Error('placing does not ask this');
}
