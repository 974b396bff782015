import { randomUUID } from 'node:crypto';
import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import { loadSampleData } from '../sample/sample-data.js';
import { signToken } from '../sample/sign-token.js';
import { connectGraph, type GraphClient } from './graph-client.js';
import { COURSES, ORDER_STATUS_CHANGED, OWNERSHIP, PLACE_ORDER, START_PAYMENT } from './operations.js';

interface Course {
  id: string;
  title: string;
  status: string;
  price: number;
  discountPrice: number | null;
  currency: string;
  viewerHasPurchased: boolean | null;
}
interface PlacedOrder {
  id: string;
  number: string;
  status: string;
  version: number;
  total: { amount: number; currency: string };
}
interface PlaceOrderAnswer {
  placeOrder: { __typename: string; replayed?: boolean; order?: PlacedOrder; orders?: PlacedOrder[]; message?: string };
}
interface StartPaymentAnswer {
  startPayment: {
    __typename: string;
    payment?: { id: string };
    session?: { sessionId: string; url: string };
    message?: string;
  };
}
interface Change {
  orderStatusChanged: {
    version: number;
    type: string | null;
    from: string | null;
    to: string;
    fulfilment: string;
    ends: string | null;
  };
}

const PATIENCE_MS = 30_000;
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Buys a course of the running product, as a front end would, and prints every step. Exits 0 when the buyer owns it. */
async function demo(): Promise<boolean> {
  const port = process.env.GATEWAY_PORT || '4000';
  const buyer = loadSampleData(process.env).users.find(
    ({ roles, status }) => roles.includes('student') && status !== 'blocked',
  );
  if (!buyer) throw new Error('the sample has no student');
  const secret = process.env.JWT_ACCESS_TOKEN_SECRET || LAPTOP_JWT_SECRET;
  const token = await signToken({ userId: buyer.id, roles: ['student'], ttlSeconds: 3_600, secret });
  const graph = connectGraph(`http://127.0.0.1:${port}/graphql`, token);
  try {
    const course = await findCourse(graph);
    if (!course) {
      say(`${buyer.name} has bought every course already: begin anew with npm start -- --fresh`);
      return false;
    }
    say(`1. ${buyer.name} finds “${course.title}” (${course.discountPrice ?? course.price} ${course.currency})`);
    const order = await place(graph, course);
    const followed = follow(graph, order);
    if (order.total.amount > 0) await pay(graph, order);
    await followed;
    return await showOwnership(graph, course);
  } finally {
    await graph.close();
  }
}

async function findCourse(graph: GraphClient): Promise<Course | undefined> {
  const { courses } = await graph.run<{ courses: Course[] }>(COURSES);
  return courses.find(
    ({ status, price, viewerHasPurchased }) => status === 'published' && price > 0 && !viewerHasPurchased,
  );
}

async function place(graph: GraphClient, course: Course): Promise<PlacedOrder> {
  const input = { courseIds: [course.id], idempotencyKey: randomUUID() };
  const { placeOrder } = await graph.run<PlaceOrderAnswer>(PLACE_ORDER, { input });
  const order = placeOrder.order ?? placeOrder.orders?.[0];
  if (!order) throw new Error(`${placeOrder.__typename}: ${placeOrder.message}`);
  say(`2. order ${order.number} ${placeOrder.order ? 'is placed' : 'was open already'}: ${order.status}`);
  return order;
}

async function pay(graph: GraphClient, order: PlacedOrder): Promise<void> {
  const { startPayment } = await graph.run<StartPaymentAnswer>(START_PAYMENT, {
    input: { orderId: order.id, provider: 'STRIPE' },
  });
  if (!startPayment.session) throw new Error(`${startPayment.__typename}: ${startPayment.message}`);
  say(`3. a payment is started: ${startPayment.session.url}`);
  const answer = await fetch(`${startPayment.session.url}/approve`, {
    method: 'POST',
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`the payment page answered ${answer.status}`);
  say('4. the buyer approves it on the payment page');
}

async function follow(graph: GraphClient, order: PlacedOrder): Promise<void> {
  const timer = setTimeout(() => {
    say('the order was not fulfilled in time');
    process.exit(1);
  }, PATIENCE_MS);
  for await (const { orderStatusChanged: change } of graph.follow<Change>(ORDER_STATUS_CHANGED, {
    orderId: order.id,
    afterVersion: 0,
  })) {
    say(`   live: version ${change.version} ${change.type ?? 'present state'}, ${change.to}, ${change.fulfilment}`);
    if (change.ends) break;
  }
  clearTimeout(timer);
}

interface Ownership {
  me: {
    name: string;
    hasPurchased: boolean;
    orders: { nodes: { number: string; status: string; fulfilment: string }[] };
  };
  course: { title: string; viewerHasPurchased: boolean };
}

async function showOwnership(graph: GraphClient, { id }: Course): Promise<boolean> {
  const { me, course } = await graph.run<Ownership>(OWNERSHIP, { courseId: id });
  const owns = me.hasPurchased && course.viewerHasPurchased;
  say(
    `5. ${me.name} ${owns ? 'owns' : 'does not own'} “${course.title}”: order ${me.orders.nodes[0]?.number} is ${me.orders.nodes[0]?.status}, ${me.orders.nodes[0]?.fulfilment}`,
  );
  return owns;
}

try {
  process.exitCode = (await demo()) ? 0 : 1;
} catch (error) {
  const { message, cause } = error as Error;
  process.stderr.write(
    `${message}${cause ? ` (${String(cause)})` : ''}\nIs the product running? Start it with npm start.\n`,
  );
  process.exitCode = 1;
}
