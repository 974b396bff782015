import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { signToken } from '../../../dev/sample/sign-token.js';
import { createAuthenticate } from '../../../src/auth/tokens.js';
import { createRestoreOrder } from '../../../src/commands/restore-order.js';
import { loadConfig, LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { createCallerIdentity } from '../../../src/grpc/caller-identity.js';
import { grpcLimits } from '../../../src/grpc/grpc-limits.js';
import { startGrpcServer, type GrpcServer } from '../../../src/grpc/grpc-server.js';
import { createOrderService } from '../../../src/grpc/order-service.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { isDatabaseAway } from '../../../src/persistence/errors.js';
import { createOrderLists } from '../../../src/queries/order-lists.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { createRevenue } from '../../../src/queries/revenue.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { orderServiceClient, type WireClient } from '../../support/wire.js';

/** The order service's gRPC door over a real database and stub neighbours, and a client like the platform's. */
export function grpcStand({ trustNetwork = true, settings = {} as Record<string, string> } = {}) {
  let stand: OrderStand;
  let server: GrpcServer;
  let client: WireClient;
  let ready = true;
  const nextBuyer = idSequence('grpc buyer');

  beforeAll(async () => {
    stand = await openOrderStand(settings);
    const reads = createOrderReads(stand.orm, stand.fork);
    const parts = {
      placeOrder: stand.placeOrder,
      bookSession: stand.bookSession,
      restoreOrder: createRestoreOrder(stand.env),
      reads,
      lists: createOrderLists(stand.fork, reads),
      revenue: createRevenue(stand.fork),
    };
    const config = loadConfig({ JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET });
    const callers = createCallerIdentity(createAuthenticate(config, { now: () => new Date() }), trustNetwork);
    server = await startGrpcServer({
      limits: grpcLimits(loadConfig({})),
      host: '127.0.0.1',
      port: 0,
      service: createOrderService(parts, callers),
      health: {
        current: () => ({ ready, status: ready ? 'healthy' : 'unhealthy', parts: {}, problems: {} }),
      },
      metrics: createMetrics(),
      isPassing: isDatabaseAway,
      log: testLog(),
    });
    client = orderServiceClient(server.port);
  });
  afterAll(async () => {
    client.close();
    await server.stop();
    await stand.close();
  });
  beforeEach(() => {
    ready = true;
    stand.neighbours.down.clear();
  });

  const call: WireClient['call'] = (...args) => client.call(...args);

  return {
    get stand() {
      return stand;
    },
    get port() {
      return server.port;
    },
    get server() {
      return server;
    },
    call,
    nextBuyer,
    setReady: (value: boolean) => void (ready = value),
    /** Places as the gateway does. @returns the order of the answer */
    place: async (userId: string, courses: readonly string[], metadata: Readonly<Record<string, string>> = {}) => {
      const ids = courses.map((name) =>
        stand.neighbours.catalogue.has(idOf(name)) ? idOf(name) : stand.neighbours.addCourse(name),
      );
      return call('PlaceOrder', { user_id: userId, course_ids: ids }, metadata);
    },
    bearer: async (userId: string, roles: readonly string[] = ['student'], ttlSeconds = 60) => ({
      authorization: `Bearer ${await signToken({ userId, roles, ttlSeconds, secret: LAPTOP_JWT_SECRET })}`,
    }),
  };
}
