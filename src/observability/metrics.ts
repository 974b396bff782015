import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that is measured, under the platform's prefix. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `order_service_${name}`, help, labelNames: [...labelNames], registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `order_service_${name}`, help, labelNames: [...labelNames], registers });
  const seconds = <L extends string>(name: string, help: string, labelNames: readonly L[]) => {
    const buckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
    return new Histogram({ name: `order_service_${name}`, help, labelNames: [...labelNames], buckets, registers });
  };
  return {
    registry,
    httpSeconds: seconds('http_request_seconds', 'HTTP requests by route and status', ['method', 'route', 'status']),
    operationSeconds: seconds('graphql_operation_seconds', 'GraphQL operations', ['operation', 'outcome']),
    grpcSeconds: seconds('grpc_request_seconds', 'gRPC calls served', ['method', 'status']),
    published: counter('relay_published_total', 'Messages published', ['topic']),
    relayFailures: counter('relay_failures_total', 'Batches that could not be published'),
    outboxWaiting: gauge('outbox_waiting', 'Messages that wait to be published'),
    outboxOldest: gauge('outbox_oldest_seconds', 'Age of the oldest message that waits to be published'),
    oldestTransaction: gauge('oldest_transaction_seconds', 'Age of the oldest transaction of the service'),
    consumed: counter('consumed_total', 'Messages consumed by what became of them', ['topic', 'outcome']),
    deadLetters: counter('dead_letters_total', 'Messages that can never take effect', ['topic']),
    consumerLag: gauge('consumer_lag', 'Messages that wait to be handled', ['topic']),
    partitionsBlocked: gauge(
      'consumer_partition_blocked',
      '1 for a partition that has lag and has not advanced for a minute',
      ['topic', 'partition'],
    ),
    consumerJoins: counter('consumer_joins_total', 'Times the consumer group was joined: at starts and rebalances'),
    consumerLastHandled: gauge('consumer_last_handled_timestamp_seconds', 'When the consumer last finished a batch'),
    sagaSteps: counter('saga_steps_total', 'Steps of sagas by outcome', ['kind', 'step', 'outcome']),
    sagasStuck: gauge('sagas_stuck', 'Sagas that need an operator', ['kind']),
    keySetAge: gauge('key_set_age_seconds', 'Age of the keys that access tokens are verified with'),
    suspiciousPayments: gauge('suspicious_payments_open', 'Suspicious payments that wait for a decision'),
    expired: counter('orders_expired_total', 'Orders that were not paid in time'),
    unhandledRejections: counter('unhandled_rejections_total', 'Promises that failed without anybody looking: defects'),
    ready: gauge('ready', '1 while this replica may get requests'),
    healthUp: gauge('health_up', '1 while a part that the replica works with is up', ['part']),
    clockOffset: gauge('clock_offset_seconds', 'How far the clock of this machine is ahead of the database'),
    clockRoundTrip: gauge('clock_round_trip_seconds', 'Round trip of the last measurement of the database’s time'),
    clockUncertainty: gauge('clock_uncertainty_seconds', 'How far off the time of this process may be'),
    streams: gauge('open_streams', 'Open subscriptions'),
    /** Measures a connection pool whenever the metrics are read. */
    watchPool: (pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number }) =>
      new Gauge({
        name: 'order_service_db_pool_connections',
        help: 'Database connections, and callers that wait for one',
        labelNames: ['state'],
        registers,
        collect() {
          this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
          this.set({ state: 'idle' }, pool.idleCount);
          this.set({ state: 'waiting' }, pool.waitingCount);
        },
      }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
