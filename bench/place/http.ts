import { randomUUID } from 'node:crypto';
import { signToken } from '../../dev/sample/sign-token.js';
import { SECRET, startAppServer, type AppServer } from '../support/app-server.js';
import { compare } from '../support/compare.js';
import type { BenchDatabase } from '../support/database.js';
import { createPost, type Post } from '../support/http-client.js';
import { startInstantNeighbours } from '../support/instant-neighbours.js';
import { measure, type Load } from '../support/measure.js';
import { printShares } from '../support/profile.js';

const ROUNDS = 7;
const ROUND_MS = 3_000;
const CALLERS = 64;
const WANTED = 0.25;

const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  __typename ... on PlaceOrderSuccess { order { id number status total { amount currency } } } } }`;

/** `placeOrder` against `{ __typename }`, both at the real app with real tokens; then where the time of placing goes. */
export async function compareOverHttp(database: BenchDatabase): Promise<void> {
  const neighbours = await startInstantNeighbours();
  const server = await startAppServer(database.url, neighbours.address);
  const { post, close } = createPost(`${server.url}/graphql`, CALLERS);
  const headers = await signedIn(CALLERS);
  const load = { callers: CALLERS, ms: ROUND_MS, processes: { server: server.pid, database: database.pid } };
  const [ping, place] = [pingWith(post, headers), placeWith(post, headers)];
  await compare({
    title: `placeOrder over HTTP, ${CALLERS} callers`,
    baseline: ['{ __typename }', () => measure(ping, load)],
    subject: ['placeOrder', () => measure(place, load)],
    wanted: WANTED,
    rounds: ROUNDS,
  });
  await profileServer(server, place, load);
  close();
  await server.stop();
  neighbours.stop();
}

/** Headers of so many buyers, in turn. */
async function signedIn(buyers: number): Promise<() => Record<string, string>> {
  const tokens = await Promise.all(
    Array.from({ length: buyers }, () =>
      signToken({ userId: randomUUID(), roles: ['student'], ttlSeconds: 3_600, secret: SECRET }),
    ),
  );
  let next = 0;
  return () => ({ authorization: `Bearer ${tokens[next++ % buyers]}` });
}

function pingWith(post: Post, headers: () => Record<string, string>): () => Promise<void> {
  const body = JSON.stringify({ query: '{ __typename }' });
  return async () => expectIn(await post(body, headers()), '"__typename":"Query"');
}

function placeWith(post: Post, headers: () => Record<string, string>): () => Promise<void> {
  return async () => {
    const input = { courseIds: [randomUUID(), randomUUID()], idempotencyKey: randomUUID() };
    expectIn(await post(JSON.stringify({ query: PLACE, variables: { input } }), headers()), '"PlaceOrderSuccess"');
  };
}

function expectIn(answer: string, wanted: string): void {
  if (!answer.includes(wanted)) throw new Error(`answered ${answer}`);
}

async function profileServer(server: AppServer, place: () => Promise<void>, load: Load): Promise<void> {
  const { micros } = await measure(place, load);
  const shares = await server.profile(() => measure(place, load));
  printShares('the server’s processor time for a placement', shares, micros.server ?? Number.NaN);
}
