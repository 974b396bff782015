import { Refused } from './errors.js';
import { CoursesOnSaleDocument } from './generated/graphql.js';
import type { GraphClient } from './graph-client.js';
import { withRetries } from './retry.js';

/** Id of the first course that costs something and that the buyer does not have. @throws Refused when there is none */
export async function findCourse(graph: GraphClient): Promise<string> {
  const { courses } = await withRetries(() => graph.ask(CoursesOnSaleDocument, {}));
  const course = courses?.find(({ price, viewerHasPurchased }) => price > 0 && viewerHasPurchased === false);
  if (!course) throw new Refused('No course is left to buy: begin anew with npm start -- --fresh');
  return course.id;
}
