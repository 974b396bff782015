import { generatedCourseIds, generatedStudentIds } from '../../../dev/sample/generated-sample.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { cursorOf } from '../../../src/subscriptions/change.js';
import { eventually } from '../../support/eventually.js';
import { connectGraph, type Answer, type Graph } from '../support/graph.js';
import { startProduct, type Product } from '../support/product.js';
import { CANCEL } from '../support/life-stand.js';
import { people, PLACE, placeAndStart, untilOrder } from '../support/purchase-steps.js';
import { book, join } from '../sessions/session-steps.js';
import type { Arguments, Question } from './authorization-operations.js';
import { CALLERS, type Caller } from './authorization-table.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
/** Of another instructor. */
const OBSERVABILITY = '0cb1e29c-658c-4a14-95e6-0af593bd04cf';
const LIVE_OF_OTHERS = '18f135d2-5f55-4203-b018-50c5a38fd547';
const FREE_SESSION = 'ae97ba94-d0ed-482f-8f6d-05584ef8aa38';
const PRICED_SESSION = '7fb301f7-75ce-4342-b69d-c72fffc6cd06';
const OTHER_SESSION = '923a7369-94e3-4f91-9a61-dbe22e44158b';
const FULL_SESSION = '96a906d4-16fb-45eb-ae22-008316fb178b';
const STUDENTS = generatedStudentIds(3);
const COURSES = generatedCourseIds(10);

const REQUEST = `mutation ($input: RequestRefundInput!) { requestRefund(input: $input) { ... on RequestRefundSuccess { refund { id } } } }`;

export const userIds: Readonly<Record<Caller, string | undefined>> = {
  nobody: undefined,
  expired: people.asha,
  buyer: people.asha,
  student: people.ben,
  instructor: people.ines,
  'other-instructor': STUDENTS[0],
  operator: people.admin,
};

const ROLES: Partial<Record<Caller, string[]>> = {
  instructor: ['instructor'],
  'other-instructor': ['instructor'],
  operator: ['admin'],
};

/** A product in which everything belongs to the buyer, the course to the instructor, and everybody has one order of their own. */
export interface AuthorizationStand {
  /** What somebody's questions are about. */
  argumentsOf(caller: Caller): Arguments;
  /** Asks the orders subgraph as the router would. */
  ask(caller: Caller, question: Question): Promise<Answer>;
  /** The number of rows of every table that only changes when somebody changes something. */
  rowCounts(): Promise<unknown>;
  stop(): Promise<void>;
}

export async function openAuthorizationStand(): Promise<AuthorizationStand> {
  const product = await startProduct({ SAMPLE_STUDENTS: '3', SAMPLE_COURSES: String(COURSES.length) });
  try {
    const things = await makeThings(product);
    await untilQuiet(product);
    return await standOver(product, things);
  } catch (error) {
    await product.stop();
    throw error;
  }
}

async function standOver(product: Product, things: Things): Promise<AuthorizationStand> {
  const { HTTP_PORT: port } = product.laptop.config;
  const graphs = await graphsOf((caller) => connect(caller, port));
  const tables = await tablesOf(product);
  return {
    argumentsOf: (caller) => argumentsOf(things, caller),
    ask: (caller, question) => askAs(graphs[caller], question, things),
    rowCounts: () => countRows(product, tables),
    stop: async () => {
      for (const graph of Object.values(graphs)) await graph.close();
      await product.stop();
    },
  };
}

async function graphsOf(connectAs: (caller: Caller) => Promise<Graph>): Promise<Readonly<Record<Caller, Graph>>> {
  const graphs = await Promise.all(CALLERS.map(async (caller) => [caller, await connectAs(caller)] as const));
  return Object.fromEntries(graphs) as Record<Caller, Graph>;
}

async function connect(caller: Caller, port: number): Promise<Graph> {
  const userId = userIds[caller];
  const ttlSeconds = caller === 'expired' ? -60 : 600;
  const roles = ROLES[caller] ?? ['student'];
  const token = userId && (await signToken({ userId, roles, ttlSeconds, secret: LAPTOP_JWT_SECRET }));
  return connectGraph(`http://127.0.0.1:${port}/graphql`, token);
}

type Things = Awaited<ReturnType<typeof makeThings>>;

/** What the questions are about. */
async function makeThings(product: Product) {
  const graphs = await graphsOf((caller) => product.as(userIds[caller] ?? people.nobody, { roles: ROLES[caller] }));
  const { buyer, operator } = graphs;
  const place = async (graph: Graph, courseIds: string[]): Promise<string> => {
    const { data } = await graph.ask(PLACE, { input: { courseIds } });
    if (!data.placeOrder.order) throw new Error(JSON.stringify(data));
    return data.placeOrder.order.id;
  };
  const pay = async (courseIds: string[]) => {
    const { orderId, session } = await placeAndStart(buyer, courseIds);
    await product.press('approve', session);
    return untilOrder(buyer, orderId, 'SUCCEEDED', 'FULFILLED');
  };
  const courses = [...COURSES];
  const course = () => courses.pop() ?? '';
  const paid = await pay([FEDERATION, course(), course()]);
  const refunds: string[] = [];
  const { data: shown } = await buyer.ask(`{ order(id: "${paid.id}") { items { id } } }`);
  for (const { id } of shown.order.items.slice(1)) {
    const { data } = await buyer.ask(REQUEST, { input: { orderId: paid.id, itemIds: [id] } });
    refunds.push(data.requestRefund.refund.id);
    // The next one can be asked for once nothing of the first is open.
    if (refunds.length === 1) await decide(operator, data.requestRefund.refund.id);
  }
  const refundable = { ofBuyer: await pay([course()]), ofOperator: await pay([course()]) };
  const open = await place(buyer, [course()]);
  const closing = await place(buyer, [course()]);
  const cancelled = await place(buyer, [course()]);
  await buyer.ask(CANCEL, { input: { orderId: cancelled } });
  const paying = await placeAndStart(buyer, [course()], 'PAYPAL');
  const approved = await placeAndStart(buyer, [course()], 'PAYPAL');
  await product.press('approve', approved.session);
  const booking = await book(buyer, PRICED_SESSION);
  await fillSession(product);
  await join(buyer, FULL_SESSION);
  for (const caller of ['student', 'instructor', 'other-instructor', 'operator'] as const) {
    // Nobody buys what they teach.
    const [own, seat] = caller === 'instructor' ? [OBSERVABILITY, LIVE_OF_OTHERS] : [FEDERATION, FREE_SESSION];
    await place(graphs[caller], [own]);
    await book(graphs[caller], seat);
  }
  return { paid, refunds, refundable, open, closing, cancelled, paying, approved, booking, free: course() };
}

async function decide(operator: Graph, refundId: string): Promise<void> {
  await operator.ask('mutation ($id: ID!) { rejectRefund(input: { refundId: $id }) { __typename } }', { id: refundId });
}

async function fillSession(product: Product): Promise<void> {
  for (const id of STUDENTS.slice(1)) await book(await product.as(id), FULL_SESSION);
}

function argumentsOf(things: Things, caller: Caller): Arguments {
  const { paid, refunds, refundable, open, closing, cancelled, paying, approved, booking, free } = things;
  // An order of which a refund was asked for is not asked for again.
  const refund = caller === 'operator' ? refundable.ofOperator : refundable.ofBuyer;
  const id = (value: string) => `id: "${value}"`;
  const input = (fields: string) => `input: { ${fields} }`;
  const ofOrder = (value: string) => `orderId: "${value}"`;
  const payment = (one: typeof paying) => `${ofOrder(one.orderId)} paymentId: "${one.paymentId}"`;
  const long = `after: "${cursorOf(new Date(Date.now() - 3_600_000))}"`;
  return {
    'Query.order': id(paid.id),
    'Query.orderByNumber': `number: "${paid.number}"`,
    'Query.sessionBooking': id(booking.id),
    'Query.session': id(PRICED_SESSION),
    'Query.revenue': `year: ${new Date().getUTCFullYear()}`,
    'User.hasPurchased': `courseId: "${FEDERATION}"`,
    'Mutation.bookSession': input(`sessionId: "${OTHER_SESSION}"`),
    'Mutation.cancelSessionBooking': input(`bookingId: "${booking.id}"`),
    'Mutation.joinSessionWaitlist': input(`sessionId: "${FULL_SESSION}"`),
    'Mutation.leaveSessionWaitlist': input(`sessionId: "${FULL_SESSION}"`),
    'Mutation.cancelOrder': input(ofOrder(closing)),
    'Mutation.restoreOrder': input(ofOrder(cancelled)),
    'Mutation.startPayment': input(`${ofOrder(open)} provider: STRIPE`),
    'Mutation.confirmPayment': input(payment(approved)),
    'Mutation.cancelPayment': input(payment(paying)),
    'Mutation.placeOrder': input(`courseIds: ["${free}"]`),
    'Mutation.requestRefund': input(ofOrder(refund.id)),
    'Mutation.approveRefund': input(`refundId: "${refunds[1]}"`),
    'Mutation.rejectRefund': input(`refundId: "${refunds[0]}"`),
    'Mutation.acceptSuspiciousPayment': input(`suspiciousPaymentId: "${people.nobody}" note: "checked"`),
    'Mutation.rejectSuspiciousPayment': input(`suspiciousPaymentId: "${people.nobody}" note: "checked"`),
    'Mutation.settleRefund': input(`refundId: "${refunds[1]}" succeeded: true reference: "by hand"`),
    'Mutation.retrySaga': input(`sagaId: "${people.nobody}"`),
    'Subscription.orderStatusChanged': ofOrder(paid.id),
    'Subscription.sessionBookingStatusChanged': `bookingId: "${booking.id}"`,
    'Subscription.myOrdersChanged': long,
    'Subscription.mySessionBookingsChanged': long,
  };
}

async function askAs(graph: Graph, { kind, query, entity, field }: Question, things: Things): Promise<Answer> {
  if (kind === 'subscription') return firstOf(graph, query);
  const ids: Record<string, string> = {
    Order: things.paid.id,
    SessionBooking: things.booking.id,
    User: people.asha,
    Course: FEDERATION,
    // The buyer has a booking in one session and a place in the line of another.
    Session: field === 'viewerWaitlistPosition' ? FULL_SESSION : PRICED_SESSION,
  };
  return graph.ask(query, entity ? { of: [{ __typename: entity, id: ids[entity] }] } : {});
}

async function firstOf(graph: Graph, query: string): Promise<Answer> {
  const stream = graph.follow(query);
  await eventually(() => stream.answers.length > 0);
  stream.stop();
  const [first] = stream.answers;
  if (!first) throw new Error('the stream ended without a message');
  return first;
}

/** Until nothing is on its way: whatever changes afterwards, a question has changed. */
async function untilQuiet(product: Product): Promise<void> {
  const due = `select (select count(*) from outbox)::int + (select count(*) from notices)::int
    + (select count(*) from sagas where due_at < now() and stuck_since is null)::int as n`;
  const tables = await tablesOf(product);
  let before = '';
  const isSame = async () => {
    const now = JSON.stringify(await countRows(product, tables));
    const same = now === before;
    before = now;
    return same && (await product.sql<{ n: number }>(due))[0]?.n === 0;
  };
  await eventually(isSame, Boolean, { everyMs: 500 });
}

/** All but those that the service tidies up by itself. */
async function tablesOf(product: Product): Promise<string[]> {
  const rows = await product.sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') and tablename not in ('revenue_entries', 'relay_leases')
     order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function countRows(product: Product, tables: readonly string[]): Promise<unknown> {
  const counts = tables.map((name) => `(select count(*)::int from ${name}) as "${name.replaceAll('"', '')}"`);
  return (await product.sql(`select ${counts.join(', ')}`))[0];
}
