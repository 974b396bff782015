import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import type { CoursesListResponse, CourseMetadata } from '../../src/generated/course.js';
import { CourseServiceDefinition } from '../../src/generated/course_service.js';
import type { Log } from '../neighbours/log.js';
import { subgraphSdl } from './sdl.js';
import { serveSubgraph } from './serve-subgraph.js';
import { callService, connect } from './service-call.js';

const MOST_LISTED = 100;
const LARGEST_BATCH = 500;

export interface CoursesSubgraphOptions {
  readonly host: string;
  readonly port: number;
  /** host:port of the course service. */
  readonly courseService: string;
  readonly log: Log;
}

interface Context {
  readonly courses: DataLoader<string, CourseMetadata | null>;
  listPublished(first: number): Promise<CourseMetadata[]>;
}

interface CoursesArgs {
  readonly ids: string[] | null | undefined;
  readonly first: number | null;
}

function cappedFirst(first: number | null): number {
  if (first !== null && first < 1) {
    throw new GraphQLError('first must be at least 1', { extensions: { code: 'BAD_USER_INPUT' } });
  }
  return Math.min(first ?? MOST_LISTED, MOST_LISTED);
}

async function loadKnown(ids: readonly string[], { courses }: Context): Promise<CourseMetadata[]> {
  const found = await Promise.all(ids.map((id) => courses.load(id)));
  return found.filter((course) => course !== null);
}

const resolvers = {
  Query: {
    courses: async (_parent: unknown, { ids, first }: CoursesArgs, context: Context) => {
      const count = cappedFirst(first);
      return ids ? loadKnown(ids.slice(0, count), context) : context.listPublished(count);
    },
    course: (_parent: unknown, { id }: { id: string }, { courses }: Context) => courses.load(id),
  },
  Course: {
    __resolveReference: ({ id }: { id: string }, { courses }: Context) => courses.load(id),
    thumbnail: ({ thumbnail }: CourseMetadata) => thumbnail || null,
    level: ({ level }: CourseMetadata) => level || null,
    price: ({ price }: CourseMetadata) => price ?? 0,
    discountPrice: ({ discountPrice }: CourseMetadata) => discountPrice || null,
    currency: ({ currency }: CourseMetadata) => currency ?? 'INR',
    instructor: ({ instructorId: id }: CourseMetadata) => (id ? { id } : null),
  },
};

function coursesOf(list: CoursesListResponse | undefined): CourseMetadata[] {
  if (list?.result?.$case === 'courses') return list.result.value.courses;
  throw new Error(list?.result?.value.message ?? 'an answer without courses');
}

/** Courses, a facade over the course service: references in one GetCoursesByIds an operation. */
export async function startCoursesSubgraph({ host, port, courseService, log }: CoursesSubgraphOptions) {
  const { client, close } = connect(CourseServiceDefinition, courseService);

  const byIds = async (courseIds: readonly string[]): Promise<(CourseMetadata | null)[]> => {
    const { result } = await client.getCoursesByIds({ courseIds: [...courseIds] });
    if (result?.$case === 'error') throw new Error(result.value.message);
    const byId = new Map(coursesOf(result?.value).map((course) => [course.id, course]));
    return courseIds.map((id) => byId.get(id) ?? null);
  };

  const listPublished = async (first: number): Promise<CourseMetadata[]> => {
    const params = { pagination: { page: 1, pageSize: first }, filters: { status: 'published' } };
    return coursesOf(await client.getCourses({ params }));
  };

  const subgraph = await serveSubgraph<Context>({
    host,
    port,
    sdl: subgraphSdl.courses,
    resolvers,
    context: () => ({
      courses: new DataLoader((ids) => callService('course', log, () => byIds(ids)), { maxBatchSize: LARGEST_BATCH }),
      listPublished: (first) => callService('course', log, () => listPublished(first)),
    }),
    log,
  });
  return {
    url: subgraph.url,
    stop: async () => {
      await subgraph.stop();
      close();
    },
  };
}
