// Buys courses: places an order, pays it, follows it to its end, and lists all orders. Arguments: ids of courses.
import { Refused, TryAgain } from './errors.js';
import { findCourse } from './find-course.js';
import { followOrder } from './follow-order.js';
import type { OrderSummaryFragment } from './generated/graphql.js';
import { connectGraph } from './graph-client.js';
import type { GraphClient } from './graph-client.js';
import { listOrders } from './list-orders.js';
import { approvePayment, startPayment } from './pay-order.js';
import { placeOrder } from './place-order.js';
import { signIn } from './sign-in.js';

const { GRAPH_URL = 'http://127.0.0.1:4000/graphql', PAGE_URL = 'http://127.0.0.1:4010', TOKEN } = process.env;
const PAGE_SIZE = 2;

function priceOf({ total }: OrderSummaryFragment): string {
  const { amount, currency, decimalPlaces } = total;
  const digits = { minimumFractionDigits: decimalPlaces, maximumFractionDigits: decimalPlaces };
  return new Intl.NumberFormat('en', { style: 'currency', currency, ...digits }).format(amount / 10 ** decimalPlaces);
}

async function buy(graph: GraphClient, courseIds: string[]): Promise<void> {
  const { order, when } = await placeOrder(graph, courseIds);
  console.log(`order ${order.number} ${when === 'now' ? 'is placed' : 'was placed before'}: ${priceOf(order)}`);
  if (order.total.amount > 0) {
    await approvePayment(PAGE_URL, await startPayment(graph, order.id));
    console.log('its payment is approved');
  }
  for await (const { version, type, to, fulfilment } of followOrder(graph, order.id)) {
    console.log(`  version ${version}: ${type}, ${to}, ${fulfilment}`);
  }
}

async function main(): Promise<void> {
  const token = TOKEN ? async () => TOKEN : await signIn(PAGE_URL);
  const graph = connectGraph({ url: GRAPH_URL, token });
  const wanted = process.argv.slice(2);
  await buy(graph, wanted.length > 0 ? wanted : [await findCourse(graph)]);
  console.log('all orders, newest first:');
  for await (const order of listOrders(graph, PAGE_SIZE)) {
    console.log(`  ${order.number}  ${priceOf(order)}  ${order.status}`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refused || error instanceof TryAgain)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
