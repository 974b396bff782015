import { loadSampleData, type SampleData } from '../sample/sample-data.js';
import { bookSession } from './book-session.js';
import { buyCourse } from './buy-course.js';

/** What can be shown; each prints its steps and answers whether it ended well. */
const STORIES: Readonly<Record<string, (sample: SampleData) => Promise<boolean>>> = {
  course: buyCourse,
  session: bookSession,
};

/** `npm run demo` shows a purchase of a course, `npm run demo -- session` bookings of a live session. Exits 0 when it ended well. */
async function demo(name = 'course'): Promise<boolean> {
  const story = STORIES[name];
  if (story) return story(loadSampleData(process.env));
  process.stderr.write(`there is no demo of "${name}", only of: ${Object.keys(STORIES).join(', ')}\n`);
  return false;
}

try {
  process.exitCode = (await demo(process.argv[2])) ? 0 : 1;
} catch (error) {
  const { message, cause } = error as Error;
  process.stderr.write(
    `${message}${cause ? ` (${String(cause)})` : ''}\nIs the product running? Start it with npm start.\n`,
  );
  process.exitCode = 1;
}
