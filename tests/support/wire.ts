import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What a call of the platform ended with: its answer, or the status with what the gateway reads of the trailer. */
export interface WireOutcome {
  readonly answer?: Readonly<Record<string, unknown>> | undefined;
  readonly status: string;
  readonly error_code?: string | undefined;
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  readonly trailer: grpc.Metadata;
}

export interface WireClient {
  /** Calls as the gateway does: gzip, a deadline, metadata in lower case. */
  call(
    method: string,
    request: object,
    metadata?: Readonly<Record<string, string>>,
    deadlineMs?: number,
  ): Promise<WireOutcome>;
  close(): void;
}

/** The options with which the platform's Node services load protos: what is absent on the wire stays absent. */
const LOADING = { keepCase: true, longs: String, defaults: false, oneofs: true, includeDirs: ['proto'] };
/** The channel options of its gateway. */
const GATEWAY = {
  'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
  'grpc.max_receive_message_length': 10 * 1024 * 1024,
};

/** Loads a service, such as `order_service.OrderService` of a file, as the platform's Node services do. */
export function loadService(file: string, fullName: string): grpc.ServiceClientConstructor {
  const loaded: unknown = fullName
    .split('.')
    .reduce<unknown>(
      (scope, name) => (scope as Record<string, unknown>)[name],
      grpc.loadPackageDefinition(loadSync(file, LOADING)),
    );
  return loaded as grpc.ServiceClientConstructor;
}

type Method = (
  request: object,
  metadata: grpc.Metadata,
  options: { deadline: number },
  done: (error: grpc.ServiceError | null, answer?: Readonly<Record<string, unknown>>) => void,
) => grpc.ClientUnaryCall;

/** A client of the order service like the platform's gateway. */
export function orderServiceClient(port: number): WireClient {
  const Client = loadService('order_service.proto', 'order_service.OrderService');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), GATEWAY);
  const methods = client as unknown as Readonly<Record<string, Method>>;
  return {
    call: (method, request, metadata = {}, deadlineMs = 30_000) =>
      new Promise<WireOutcome>((resolve) => {
        const carried = new grpc.Metadata();
        for (const [key, value] of Object.entries(metadata)) carried.set(key, value);
        let answer: Readonly<Record<string, unknown>> | undefined;
        const options = { deadline: Date.now() + deadlineMs };
        const work = methods[method]?.(request, carried, options, (_error, it) => (answer = it));
        if (!work) throw new Error(`no method ${method}`);
        work.on('status', ({ code, metadata: trailer }: grpc.StatusObject) => {
          const text = (key: string) => trailer.get(key)[0]?.toString();
          const words = { error_code: text('error_code'), reason: text('reason'), detail: text('detail') };
          // The answer's callback comes after the status.
          setImmediate(() => resolve({ status: grpc.status[code], ...words, answer, trailer }));
        });
      }),
    close: () => client.close(),
  };
}

/** An order as it is on the wire, absent fields absent. */
export interface WireOrder {
  readonly id: string;
  readonly user_id: string;
  readonly status: string;
  readonly amount: {
    readonly total?: number;
    readonly currency: string;
    readonly discount?: number;
    readonly sub_total?: number;
    readonly sales_tax?: number;
  };
  readonly items: readonly { readonly course_id: string; readonly price?: number }[];
  readonly created_at: string;
  readonly payment_details?: {
    readonly payment_id: string;
    readonly provider: string;
    readonly payment_status: string;
  };
}

/** The order of a successful answer. @throws Error with the refusal */
export function orderIn(outcome: WireOutcome): WireOrder {
  const { success } = (outcome.answer ?? {}) as { success?: { order?: WireOrder } };
  if (!success?.order) throw new Error(`${outcome.status} ${outcome.reason}: ${outcome.detail}`);
  return success.order;
}

/** What of a refusal the gateway turns into its HTTP answer. */
export const refusal = ({ status, error_code, reason }: WireOutcome) => ({ status, error_code, reason });
