import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { canStartKafka, startKafka } from '../support/kafka.js';
import { canStartRedis, startRedis } from '../support/redis.js';
import { startProduct, type Product } from './support/product.js';
import { people, placeAndStart } from './support/purchase-steps.js';

const possible = canStartKafka() && canStartRedis();

(possible ? describe : describe.skip)('given a product with a Kafka and a Redis of its own', () => {
  let product: Product;
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;

  beforeAll(async () => {
    [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
    product = await startProduct({ KAFKA_BROKERS: kafka.brokers, REDIS_URL: redis.url });
  }, 90_000);
  afterAll(() => product.stop(), 60_000);
  afterAll(() => Promise.all([kafka.stop(), redis.stop()]), 60_000);

  const get = (path: string) => fetch(`http://127.0.0.1:${product.laptop.config.HTTP_PORT}${path}`);
  const untilReady = async (code: number) =>
    eventually(
      async () => ({ code: (await get('/ready')).status }),
      (seen) => seen.code === code,
      { limitMs: 40_000, everyMs: 100 },
    );

  it('when all works, then it is healthy and ready', async () => {
    await untilReady(200);
    expect(await (await get('/healthz')).json()).toEqual({ status: 'healthy' });
    const parts = {
      database: 'up',
      bus: 'up',
      hints: 'up',
      relay: 'up',
      consumer: 'up',
      sagas: 'up',
      expiry: 'up',
      sessions: 'up',
      clock: 'up',
      serving: 'up',
    };
    expect(await (await get('/ready')).json()).toEqual({ status: 'healthy', ...parts });
  });

  it('when Redis goes, then it is alive but not ready, and ready again when Redis is back', async () => {
    await redis.kill();
    await untilReady(503);
    expect(await (await get('/ready')).json()).toMatchObject({ status: 'unhealthy', hints: 'down', database: 'up' });
    expect((await get('/healthz')).status).toBe(200);
    await redis.restart();
    await untilReady(200);
  }, 60_000);

  it('when Kafka goes, then placing goes on, readiness tells, and all is well when Kafka is back', async () => {
    const asha = await product.as(people.asha);
    await kafka.kill();
    await untilReady(503);
    await placeAndStart(asha, ['8d116ece-1738-47d9-bd9c-172411e20b8f']);
    expect((await product.sql('select 1 from outbox')).length).toBeGreaterThan(0);
    await kafka.restart();
    await untilReady(200);
    await eventually(
      () => product.sql('select 1 from outbox'),
      (rows) => rows.length === 0,
      { limitMs: 20_000 },
    );
  }, 120_000);

  it('then metrics tell about every part', async () => {
    const text = await eventually(
      async () => (await get('/metrics')).text(),
      // What the payment service tells comes as soon as it is at Kafka again itself.
      (seen) => seen.includes('consumed_total{topic="payment.order.initiated.v1"'),
    );
    for (const name of [
      'http_request_seconds_count{method="GET",route="/ready",status="200"}',
      'graphql_operation_seconds_count{operation="mutation",outcome="ok"}',
      'relay_published_total{topic="order.course.created.v1"} 1',
      'outbox_waiting',
      'consumed_total{topic="payment.order.initiated.v1"',
      'consumer_last_handled_timestamp_seconds',
      'sagas_stuck{kind="PURCHASE"} 0',
      'sagas_stuck{kind="SESSION_BOOKING"} 0',
      'open_streams',
      'db_pool_connections{state="idle"}',
    ]) {
      expect(text).toContain(`order_service_${name}`);
    }
  });
});
