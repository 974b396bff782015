import { randomUUID } from 'node:crypto';
import type { SampleData } from '../sample/sample-data.js';
import { approve, inTime, say, signIn, startPayment } from './front-end.js';
import type { GraphClient } from './graph-client.js';
import { COURSES, ORDER_STATUS_CHANGED, OWNERSHIP, PLACE_ORDER } from './operations.js';

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

/** Buys a course of the running product, as a front end would, and prints every step. @returns whether the buyer owns it */
export async function buyCourse({ users }: SampleData): Promise<boolean> {
  const buyer = users.find(({ roles, status }) => roles.includes('student') && status !== 'blocked');
  if (!buyer) throw new Error('the sample has no student');
  const graph = await signIn(buyer);
  try {
    const course = await findCourse(graph);
    if (!course) {
      say(`${buyer.name} has bought every course already: begin anew with npm start -- --fresh`);
      return false;
    }
    say(`1. ${buyer.name} finds “${course.title}” (${course.discountPrice ?? course.price} ${course.currency})`);
    const order = await place(graph, course);
    const followed = inTime('the order was not fulfilled', follow(graph, order));
    await Promise.all([followed, order.total.amount > 0 && pay(graph, order)]);
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
  const page = await startPayment(graph, order.id);
  say(`3. a payment is started: ${page}`);
  await approve(page);
  say('4. the buyer approves it on the payment page');
}

async function follow(graph: GraphClient, order: PlacedOrder): Promise<void> {
  const variables = { orderId: order.id, afterVersion: 0 };
  for await (const { orderStatusChanged: change } of graph.follow<Change>(ORDER_STATUS_CHANGED, variables)) {
    say(`   live: version ${change.version} ${change.type ?? 'present state'}, ${change.to}, ${change.fulfilment}`);
    if (change.ends) break;
  }
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
