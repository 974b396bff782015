import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { signToken } from '../../../dev/sample/sign-token.js';
import { createAuthenticate } from '../../../src/auth/tokens.js';
import { createRestoreOrder } from '../../../src/commands/restore-order.js';
import { loadConfig, LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { createCallerIdentity } from '../../../src/grpc/caller-identity.js';
import { startGrpcServer, type GrpcServer } from '../../../src/grpc/grpc-server.js';
import { createOrderService } from '../../../src/grpc/order-service.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { createOrderLists } from '../../../src/queries/order-lists.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { createRevenue } from '../../../src/queries/revenue.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

/** What a call of the platform ended with: its answer, or the status with what the gateway reads of the trailer. */
export interface WireOutcome {
  readonly answer?: Readonly<Record<string, unknown>> | undefined;
  readonly status: string;
  readonly error_code?: string | undefined;
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  readonly trailer: grpc.Metadata;
}

/** The options with which the platform's Node services load protos: what is absent on the wire stays absent. */
const LOADING = { keepCase: true, longs: String, defaults: false, oneofs: true, includeDirs: ['proto'] };
/** The channel options of its gateway. */
const GATEWAY = {
  'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
  'grpc.max_receive_message_length': 10 * 1024 * 1024,
};

type Call = (
  request: object,
  metadata: grpc.Metadata,
  options: { deadline: number },
  done: (error: grpc.ServiceError | null, answer?: Readonly<Record<string, unknown>>) => void,
) => grpc.ClientUnaryCall;

/** Loads a service as the platform's Node services do. */
export function wireClient(port: number, proto: string, ...path: readonly string[]): Readonly<Record<string, Call>> {
  const loaded: unknown = path.reduce<unknown>(
    (scope, name) => (scope as Record<string, unknown>)[name],
    grpc.loadPackageDefinition(loadSync(proto, LOADING)),
  );
  const Client = loaded as grpc.ServiceClientConstructor;
  return new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), GATEWAY) as unknown as Record<string, Call>;
}

/** The order service's gRPC door over a real database and stub neighbours, and a client like the platform's. */
export function grpcStand({ trustNetwork = true, settings = {} as Record<string, string> } = {}) {
  let stand: OrderStand;
  let server: GrpcServer;
  let client: Readonly<Record<string, Call>>;
  let ready = true;
  const nextBuyer = idSequence('grpc buyer');

  beforeAll(async () => {
    stand = await openOrderStand(settings);
    const reads = createOrderReads(stand.orm, stand.fork);
    const parts = {
      placeOrder: stand.placeOrder,
      restoreOrder: createRestoreOrder(stand.env),
      reads,
      lists: createOrderLists(stand.fork, reads),
      revenue: createRevenue(stand.fork),
    };
    const config = loadConfig({ JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET });
    const callers = createCallerIdentity(createAuthenticate(config, { now: () => new Date() }), trustNetwork);
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      service: createOrderService(parts, callers),
      checks: [{ name: 'switch', check: () => ready }],
      metrics: createMetrics(),
      log: testLog(),
    });
    client = wireClient(server.port, 'order_service.proto', 'order_service', 'OrderService');
  });
  afterAll(async () => {
    (client as unknown as grpc.Client).close();
    await server.stop();
    await stand.close();
  });
  beforeEach(() => {
    ready = true;
    stand.neighbours.down.clear();
  });

  /** Calls as the gateway does: gzip, a deadline, metadata in lower case. */
  const call = (
    method: string,
    request: object,
    metadata: Readonly<Record<string, string>> = {},
    deadlineMs = 30_000,
  ) =>
    new Promise<WireOutcome>((resolve) => {
      const carried = new grpc.Metadata();
      for (const [key, value] of Object.entries(metadata)) carried.set(key, value);
      let answer: Readonly<Record<string, unknown>> | undefined;
      const work = client[method]?.(
        request,
        carried,
        { deadline: Date.now() + deadlineMs },
        (_error, it) => (answer = it),
      );
      if (!work) throw new Error(`no method ${method}`);
      work.on('status', ({ code, metadata: trailer }: grpc.StatusObject) => {
        const text = (key: string) => trailer.get(key)[0]?.toString();
        const outcome = {
          status: grpc.status[code],
          error_code: text('error_code'),
          reason: text('reason'),
          detail: text('detail'),
        };
        // The answer's callback comes after the status.
        setImmediate(() => resolve({ ...outcome, answer, trailer }));
      });
    });

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

/** The order of a successful answer. */
export function orderIn(outcome: WireOutcome): Readonly<Record<string, unknown>> {
  const { success } = (outcome.answer ?? {}) as { success?: { order?: Record<string, unknown> } };
  if (!success?.order) throw new Error(`${outcome.status} ${outcome.reason}: ${outcome.detail}`);
  return success.order;
}

/** What of a refusal the gateway turns into its HTTP answer. */
export const refusal = ({ status, error_code, reason }: WireOutcome) => ({ status, error_code, reason });
