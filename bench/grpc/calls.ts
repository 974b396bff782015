import { randomUUID } from 'node:crypto';
import { ClientError, createChannel, createClient, Metadata, Status } from 'nice-grpc';
import { OrderServiceDefinition } from '../../src/generated/order_service.js';

const PAGE = 20;

/** An order and its buyer. */
export interface KnownOrder {
  readonly id: string;
  readonly buyerId: string;
}

/** Calls of the platform's OrderService, each of which rejects when it is not answered as it should be. */
export interface Calls {
  /** A call that is read and refused at once: what any call costs. */
  refused(): Promise<void>;
  placeOrder(): Promise<void>;
  getOrders(): Promise<void>;
  getOrderById(): Promise<void>;
  close(): void;
}

/** @param orders what is read, in turn; every buyer has a full page */
export function openCalls(port: number, orders: readonly KnownOrder[]): Calls {
  const channel = createChannel(`127.0.0.1:${port}`);
  const client = createClient(OrderServiceDefinition, channel);
  let next = 0;
  const inTurn = (): KnownOrder => {
    const order = orders[next++ % orders.length];
    if (!order) throw new Error('there are no orders');
    return order;
  };
  return {
    async refused() {
      const error = await client.getOrderStatus({ orderId: 'none' }).catch((reason: unknown) => reason);
      if (!(error instanceof ClientError) || error.code !== Status.INVALID_ARGUMENT) throw error;
    },
    async placeOrder() {
      const metadata = Metadata({ 'idempotency-key': randomUUID() });
      const request = { userId: randomUUID(), courseIds: [randomUUID(), randomUUID()] };
      const { result } = await client.placeOrder(request, { metadata });
      expectCount(result?.$case === 'success' ? result.value.order?.items.length : undefined, 2);
    },
    async getOrders() {
      const { result } = await client.getOrders({ userId: inTurn().buyerId, params: { page: 1, pageSize: PAGE } });
      expectCount(result?.$case === 'success' ? result.value.orders.length : undefined, PAGE);
    },
    async getOrderById() {
      const { id: orderId, buyerId: userId } = inTurn();
      const { result } = await client.getOrderById({ orderId, userId });
      expectCount(result?.$case === 'success' ? result.value.order?.items.length : undefined, 2);
    },
    close: () => channel.close(),
  };
}

function expectCount(found: number | undefined, wanted: number): void {
  if (found !== wanted) throw new Error(`${found} where ${wanted} were wanted`);
}
