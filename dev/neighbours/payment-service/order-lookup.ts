import { ConstantBackoff, TimeoutStrategy, handleAll, retry, timeout, wrap } from 'cockatiel';
import { createChannel, createClient } from 'nice-grpc';
import type { OrderData } from '../../../src/generated/order_service.js';
import { OrderServiceDefinition } from '../../../src/generated/order_service.js';
import type { Log } from '../log.js';
import { InBandError } from './in-band.js';

const CACHE_MS = 600_000;
const TOTAL_LIMIT_MS = 10_000;
const RETRIES = 2;
const RETRY_PAUSE_MS = 200;

export interface OrderLookup {
  /**
   * The order as the order service tells it, or told it up to 600 s ago: status and all, for whichever user.
   * @throws InBandError DOMAIN_EXCEPTION when the order service refuses or cannot be reached
   */
  find(orderId: string, userId: string): Promise<OrderData>;
  readonly close: () => void;
}

/** Looks orders up at the order service, as the platform's payment service does: no metadata, two retries, a cache. */
export function createOrderLookup(orderServiceAddress: string, log: Log): OrderLookup {
  const channel = createChannel(orderServiceAddress);
  const client = createClient(OrderServiceDefinition, channel);
  const cache = new Map<string, { order: OrderData; until: number }>();
  const policy = wrap(
    timeout(TOTAL_LIMIT_MS, TimeoutStrategy.Aggressive),
    retry(handleAll, { maxAttempts: RETRIES, backoff: new ConstantBackoff(RETRY_PAUSE_MS) }),
  );

  const ask = async (orderId: string, userId: string, signal: AbortSignal): Promise<OrderData> => {
    const { result } = await client.getOrderById({ orderId, userId }, { signal });
    if (result?.$case === 'success' && result.value.order) return result.value.order;
    // An answer without an order crashes the platform's client inside a callback: nothing comes until the limit.
    return new Promise<never>(() => undefined);
  };

  const remember = (orderId: string, order: OrderData) => {
    for (const [id, { until }] of cache) {
      if (until > Date.now()) break;
      cache.delete(id);
    }
    cache.delete(orderId);
    cache.set(orderId, { order, until: Date.now() + CACHE_MS });
  };

  const find = async (orderId: string, userId: string): Promise<OrderData> => {
    const known = cache.get(orderId);
    if (known && known.until > Date.now()) return known.order;
    try {
      const order = await policy.execute(({ signal }) => ask(orderId, userId, signal));
      remember(orderId, order);
      return order;
    } catch (error) {
      log({ level: 'warn', message: 'payment service: order lookup failed', orderId, error: String(error) });
      throw new InBandError('DOMAIN_EXCEPTION', `Order ${orderId}: ${(error as Error).message}`);
    }
  };

  return {
    find,
    close: () => {
      channel.close();
    },
  };
}
