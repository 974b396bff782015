import type { Config } from '../config.js';

/** What callers, who need not be signed in, can hold of this process. */
export interface GrpcLimits {
  /** Largest request as sent and as inflated, bytes. */
  readonly messageBytes: number;
  /** Most calls at once over one connection. */
  readonly streams: number;
  readonly connections: number;
  /** Requests that may be arriving at once, over all connections. */
  readonly requests: number;
  readonly connectionAgeMs: number;
  /** Longest time in which a request must have arrived whole, ms. */
  readonly requestMs: number;
}

/** The limits of the settings. */
export function grpcLimits(config: Config): GrpcLimits {
  return {
    messageBytes: config.GRPC_MAX_MESSAGE_KB * 1_024,
    streams: config.GRPC_MAX_STREAMS,
    connections: config.GRPC_MAX_CONNECTIONS,
    requests: config.GRPC_MAX_ARRIVING,
    connectionAgeMs: config.GRPC_CONNECTION_AGE_MINUTES * 60_000,
    requestMs: config.REQUEST_TIMEOUT_MS,
  };
}
