import { setTimeout as pause } from 'node:timers/promises';
import { generatedStudentIds } from '../../../dev/sample/generated-sample.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { SITE_SECRET, type Replica, type Site } from './site.js';

const COURSES = [
  '8d116ece-1738-47d9-bd9c-172411e20b8f',
  '90c192cf-d3ac-44af-8f21-ddb66cad4a26',
  'a170b338-3926-4059-b28c-105d1fb17c23',
  '0fd630f1-f29d-4da9-953f-48f1a09f76b5',
  '0cb1e29c-658c-4a14-95e6-0af593bd04cf',
];
const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on PlaceOrderSuccess { order { id } } ... on UserError { code message } } }`;
const SHOW = `query ($id: ID!) { order(id: $id) { status } }`;
const START = `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { ... on StartPaymentSuccess { session { ... on StripeSession { sessionId } } } ... on UserError { code message } } }`;
const LIMIT_MS = 120_000;
const AGAIN_MS = 200;

/** How many orders were accepted and what became of them. */
export interface Bought {
  readonly orderIds: string[];
}

/**
 * Lets many buyers buy at once; each repeats every step, under the same key, until it is answered.
 * @param atOnce how many purchases are under way at any time
 */
export async function buy(
  site: Site,
  replicas: readonly Replica[],
  purchases: number,
  atOnce: number,
): Promise<Bought> {
  const students = generatedStudentIds(Math.ceil(purchases / COURSES.length));
  const wanted = Array.from({ length: purchases }, (_, i) => ({
    userId: students[Math.floor(i / COURSES.length)] ?? '',
    courseId: COURSES[i % COURSES.length] ?? '',
    replica: replicas[i % replicas.length],
  }));
  const orderIds: string[] = [];
  const worker = async () => {
    for (let next = wanted.shift(); next; next = wanted.shift()) {
      const { userId, courseId, replica } = next;
      if (!replica) throw new Error('there is no replica');
      orderIds.push(await purchase(site, replicas, replica, userId, courseId));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { orderIds };
}

async function purchase(
  site: Site,
  replicas: readonly Replica[],
  first: Replica,
  userId: string,
  courseId: string,
): Promise<string> {
  const token = await signToken({ userId, roles: ['student'], ttlSeconds: 3_600, secret: SITE_SECRET });
  let tries = replicas.indexOf(first);
  // A client behind a balancer: the next try goes to the next replica.
  const ask = (query: string, variables: object) => {
    const replica = replicas[tries++ % replicas.length] ?? first;
    return site.ask(replica, token, query, variables) as Promise<{ data: Record<string, Record<string, never>> }>;
  };
  const input = { courseIds: [courseId], idempotencyKey: `${userId}-${courseId}` };
  const id = await insist(
    async () => answered((await ask(PLACE, { input })).data.placeOrder)?.order as { id: string } | undefined,
  );
  await insist(async () => {
    const order = (await ask(SHOW, { id: id.id })).data.order as unknown as { status: string };
    if (order.status === 'SUCCEEDED') return true;
    const { startPayment } = (await ask(START, { input: { orderId: id.id, provider: 'STRIPE' } })).data;
    const { session } = (startPayment ?? {}) as { session?: { sessionId: string } };
    if (session) await fetch(`${site.neighbours.pageUrl}/pay/${session.sessionId}/approve`, { method: 'POST' });
    return undefined;
  });
  return id.id;
}

/** An answer without data is a defect of the test or the product, not a fault to be outlived. */
function answered<T>(data: T): T {
  if (data === undefined) throw new SyntaxError('the answer has no data');
  return data;
}

async function insist<T>(step: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    let failure: unknown;
    try {
      const result = await step();
      if (result !== undefined) return result;
    } catch (error) {
      failure = error;
    }
    if (failure instanceof SyntaxError) throw failure;
    if (Date.now() > until) throw new Error('a buyer gave up', { cause: failure });
    await pause(AGAIN_MS);
  }
}
