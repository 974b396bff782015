// Prints ids for load tests, one a line: npm run --silent sample -- users|courses
// As many as SAMPLE_STUDENTS / SAMPLE_COURSES generate; where that is not set, those of the sample file.
import { generatedCourseIds, generatedStudentIds } from './sample/generated-sample.js';
import { loadSampleData, sampleCounts } from './sample/sample-data.js';

const USAGE = 'usage: npm run --silent sample -- users|courses';

function sampleIds(kind: string | undefined): string[] | undefined {
  const { students, courses } = sampleCounts(process.env);
  if (kind === 'users') return students === undefined ? idsOf(loadSampleData().users) : generatedStudentIds(students);
  if (kind === 'courses') return courses === undefined ? idsOf(loadSampleData().courses) : generatedCourseIds(courses);
  return undefined;
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

try {
  const [kind, ...rest] = process.argv.slice(2);
  const ids = rest.length ? undefined : sampleIds(kind);
  if (ids === undefined) {
    console.error(USAGE);
    process.exitCode = 1;
  } else {
    process.stdout.write(ids.map((id) => `${id}\n`).join(''));
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
