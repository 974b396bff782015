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
  const look = async () => {
    const answer = await get('/ready');
    return { code: answer.status, ...((await answer.json()) as Record<string, string>) };
  };
  /** Waits until `/ready` says so of parts, and of the whole. */
  const until = async (says: Readonly<Record<string, string | number>>) =>
    eventually(
      look,
      (seen) => Object.entries(says).every(([name, value]) => seen[name as keyof typeof seen] === value),
      { limitMs: 40_000, everyMs: 100 },
    );

  it('when all works, then it is healthy and ready', async () => {
    await until({ code: 200, status: 'healthy' });
    expect(await (await get('/healthz')).json()).toEqual({ status: 'healthy' });
    const parts = {
      database: 'up',
      migrations: 'up',
      machine_clock: 'up',
      user_service: 'up',
      course_service: 'up',
      payment_service: 'up',
      session_service: 'up',
      consumer_lag: 'up',
      partitions: 'up',
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

  it('when Redis goes, then it is ready but degraded, buyers buy on, and it is healthy when Redis is back', async () => {
    const asha = await product.as(people.asha);
    await redis.kill();
    await until({ code: 200, status: 'degraded', hints: 'down', database: 'up', serving: 'up' });
    await placeAndStart(asha, ['90c192cf-d3ac-44af-8f21-ddb66cad4a26']);
    expect((await get('/healthz')).status).toBe(200);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('order_service_ready 1');
    expect(metrics).toContain('order_service_health_up{part="hints"} 0');
    await redis.restart();
    await until({ code: 200, status: 'healthy' });
  }, 60_000);

  it('when Kafka goes, then placing goes on, readiness tells, and all is well when Kafka is back', async () => {
    const asha = await product.as(people.asha);
    await kafka.kill();
    await until({ code: 200, status: 'degraded', bus: 'down' });
    await placeAndStart(asha, ['8d116ece-1738-47d9-bd9c-172411e20b8f']);
    expect((await product.sql('select 1 from outbox')).length).toBeGreaterThan(0);
    await kafka.restart();
    await until({ code: 200, status: 'healthy' });
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
      'relay_published_total{topic="order.course.created.v1"} 2',
      'outbox_waiting',
      'consumed_total{topic="payment.order.initiated.v1"',
      'consumer_last_handled_timestamp_seconds',
      'sagas_stuck{kind="PURCHASE"} 0',
      'sagas_stuck{kind="SESSION_BOOKING"} 0',
      'open_streams',
      'health_up{part="database"} 1',
      'clock_offset_seconds',
      'clock_round_trip_seconds',
      'clock_uncertainty_seconds',
      'db_pool_connections{state="idle"}',
    ]) {
      expect(text).toContain(`order_service_${name}`);
    }
  });
});
