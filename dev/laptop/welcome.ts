import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import { signToken } from '../sample/sign-token.js';
import type { Place } from './places.js';
import type { Laptop } from './start-laptop.js';

const TOKEN_SECONDS = 24 * 3600;

/** What a start shows: what runs where, and first requests to paste. */
export async function welcome(laptop: Laptop): Promise<string> {
  return [table(laptop.places), await firstRequests(laptop), sandboxNote(laptop)].filter(Boolean).join('\n\n');
}

function table(places: readonly Place[]): string {
  const width = (column: keyof Place) => Math.max(...places.map((place) => place[column].length));
  const [what, where] = [width('what'), width('where')];
  return places
    .map((place) => `${place.what.padEnd(what)}  ${place.where.padEnd(where)}  ${place.variable}`)
    .join('\n');
}

async function firstRequests({ gatewayUrl, config, sample, pageUrl }: Laptop): Promise<string> {
  const buyer = sample.users.find(({ roles, status }) => roles.includes('student') && status === 'verified');
  const course = sample.courses.find(({ status, price }) => status === 'published' && price > 0);
  const curl = (query: string, ...headers: string[]) =>
    [
      `curl -s ${gatewayUrl} -H 'content-type: application/json'`,
      ...headers.map((header) => `-H "${header}"`),
      `-d '${JSON.stringify({ query })}'`,
    ].join(' ');
  const lines = ['# first requests', curl('{ courses { id title price discountPrice currency } }')];
  if (!buyer || !course) return lines.join('\n');
  const secret = config.JWT_ACCESS_TOKEN_SECRET ?? LAPTOP_JWT_SECRET;
  const token = await signToken({
    userId: buyer.id,
    roles: buyer.roles,
    ttlSeconds: TOKEN_SECONDS,
    secret,
    username: buyer.name,
    email: buyer.email,
  });
  const place = `mutation { placeOrder(input: { courseIds: ["${course.id}"] }) { __typename ... on PlaceOrderSuccess { replayed order { id number status } } ... on UserError { code message } } }`;
  lines.push(`TOKEN=${token}  # ${buyer.name}, for a day`, curl(place, 'authorization: Bearer $TOKEN'));
  const session = sample.sessions.find(({ price, startsAt }) => price > 0 && startsAt && startsAt > new Date());
  if (session) lines.push(curl(bookingOf(session.id), 'authorization: Bearer $TOKEN'));
  if (pageUrl) {
    lines.push(`# payments are approved or declined at ${pageUrl}/ ; npm run demo shows a whole purchase,`);
    lines.push('# npm run demo -- session how the seats of a live session are booked, given back and waited for');
  }
  return lines.join('\n');
}

const bookingOf = (sessionId: string) =>
  `mutation { bookSession(input: { sessionId: "${sessionId}" }) { __typename ... on BookSessionSuccess { booking { id status holdExpiresAt order { id } } } ... on UserError { code message } } }`;

function sandboxNote({ config }: Laptop): string {
  return `The explorer on ${config.HTTP_PORT} is Apollo Sandbox, which loads from the internet; the one of the supergraph works offline.`;
}
