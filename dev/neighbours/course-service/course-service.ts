import type { Pool } from 'pg';
import { Status } from 'nice-grpc';
import type { CallContext } from 'nice-grpc';
import type {
  CourseServiceImplementation,
  EnrollmentServiceImplementation,
} from '../../../src/generated/course_service.js';
import { CourseServiceDefinition, EnrollmentServiceDefinition } from '../../../src/generated/course_service.js';
import type { Bus, ConsumeOptions } from '../../../src/messaging/bus/bus.js';
import type { SampleData } from '../../sample/sample-data.js';
import { TOPIC_ORDER_SUCCEEDED } from '../events.js';
import { statusError } from '../grpc/errors.js';
import { withGarbage } from '../grpc/faults.js';
import type { NeighbourService, Place } from '../grpc/serve.js';
import { serve } from '../grpc/serve.js';
import type { Log } from '../log.js';
import type { Catalogue } from './course-messages.js';
import { findCourse, listCourses, toCourse } from './course-messages.js';
import { enrolFrom, isEnrolled } from './enrolments.js';

const GROUP = 'course-service-group-server';

export interface CourseServiceOptions {
  readonly place: Place;
  readonly pool: Pool;
  readonly bus: Bus;
  readonly sample: SampleData;
  readonly log: Log;
  /** Called after a commit that has put something into the outbox. */
  readonly wakeOutbox: () => void;
  /** Whether it takes in paid orders. */
  readonly enrols: boolean;
}

export interface CourseService extends NeighbourService {
  /** Set `fail` to let every item of an order fail while its event counts as processed. */
  readonly enrolments: { fail: boolean };
  /** Ends the consumption after the batch under way. */
  readonly stopConsuming: () => Promise<void>;
}

function courseNotFound(context: CallContext) {
  return statusError(context, Status.NOT_FOUND, 'COURSE_NOT_FOUND', 'Course not found');
}

function courses(catalogue: Catalogue): CourseServiceImplementation {
  return {
    getCourses: async (request) => {
      const { page, total } = listCourses(catalogue, request);
      const list = page.map((course) => toCourse(catalogue, course));
      return { result: { $case: 'courses', value: { courses: list, total } } };
    },
    getCoursesByIds: async ({ courseIds }) => {
      // Unknown ids are dropped, the rest comes in order of ids, and the total is not set.
      const found = [...new Set(courseIds)].sort().flatMap((id) => findCourse(catalogue, id) ?? []);
      const list = found.map((course) => toCourse(catalogue, course));
      const answer = { result: { $case: 'courses', value: { courses: list } } } as const;
      return { result: { $case: 'success', value: answer } };
    },
    getCourse: async ({ courseId }, context) => {
      const course = findCourse(catalogue, courseId);
      if (!course) throw courseNotFound(context);
      return { result: { $case: 'course', value: toCourse(catalogue, course) } };
    },
  };
}

function enrolmentChecks(pool: Pool, catalogue: Catalogue): EnrollmentServiceImplementation {
  return {
    checkCourseEnrollment: async ({ courseId, userId }, context) => {
      if (!findCourse(catalogue, courseId)) throw courseNotFound(context);
      return { result: { $case: 'enrolled', value: await isEnrolled(pool, courseId, userId) } };
    },
  };
}

/** The stand-in of the platform's course service: its gRPC services and its consumer of paid orders. */
export async function startCourseService(options: CourseServiceOptions): Promise<CourseService> {
  const { place, pool, bus, sample, log, wakeOutbox } = options;
  const catalogue = {
    courses: new Map(sample.courses.map((course) => [course.id, course])),
    users: new Map(sample.users.map((user) => [user.id, user])),
  };
  const service = await serve(place, log, (server, faulty) => {
    server.add(withGarbage(CourseServiceDefinition, faulty), courses(catalogue));
    server.add(withGarbage(EnrollmentServiceDefinition, faulty), enrolmentChecks(pool, catalogue));
  });
  const enrolments = { fail: false };
  const consume = (how: ConsumeOptions) => (options.enrols ? bus.consume(how) : undefined);
  const enroller = { pool, courses: catalogue.courses, log, itemsFail: () => enrolments.fail };
  try {
    const consumption = await consume({
      group: GROUP,
      topics: [TOPIC_ORDER_SUCCEEDED],
      handle: async (batch) => {
        await enrolFrom(batch, enroller);
        wakeOutbox();
      },
    });
    return Object.assign(service, {
      enrolments,
      stopConsuming: async () => consumption?.stop(),
    });
  } catch (error) {
    service.stop();
    throw error;
  }
}
