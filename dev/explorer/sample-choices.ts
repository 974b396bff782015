import type { SampleData, SampleUser } from '../sample/sample-data.js';

/** Stands where a sample has nothing of a kind: the graph refuses it with a sentence. */
export const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** Who the operations of the explorer are run as. */
export function actors({ users }: SampleData): Record<'buyer' | 'operator', SampleUser | undefined> {
  const students = users.filter(({ roles, status }) => roles.includes('student') && status === 'verified');
  // The first student is who the web page and the demo act as; here a purchase is to be the reader's own.
  return { buyer: students[1] ?? students[0], operator: users.find(({ roles }) => roles.includes('admin')) };
}

/** Ids of a course that costs something and of a session to come, a free one where there is one. */
export function firstOnSale({ courses, sessions }: SampleData): { course: string; session: string } {
  const course = courses.find(({ status, price }) => status === 'published' && price > 0);
  const upcoming = sessions.filter(({ startsAt }) => startsAt && startsAt > new Date());
  const session = upcoming.find(({ price }) => price === 0) ?? upcoming[0];
  return { course: course?.id ?? UNKNOWN, session: session?.id ?? UNKNOWN };
}
