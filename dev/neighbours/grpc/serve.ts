import type { Server } from 'nice-grpc';
import { createServer } from 'nice-grpc';
import type { Log } from '../log.js';
import { unexpectedErrorMiddleware } from './errors.js';
import type { Faulty } from './faults.js';
import { faultMiddleware } from './faults.js';

const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;

/** A running stand-in; replace `faults` to make it slow, dead or mad. */
export interface NeighbourService extends Faulty {
  /** host:port */
  readonly address: string;
  /** Ends at once, calls under way are cut. */
  readonly stop: () => void;
}

/** Where a stand-in listens; port 0 takes a free one. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts a gRPC server.
 * @param addServices adds the services, their definitions wrapped by `withGarbage`
 */
export async function serve(
  { host, port }: Place,
  log: Log,
  addServices: (server: Server, service: Faulty) => void,
): Promise<NeighbourService> {
  const faulty: Faulty = { faults: {}, calls: new Map() };
  const server = createServer({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.so_reuseport': 0 })
    .use(unexpectedErrorMiddleware(log))
    .use(faultMiddleware(faulty));
  addServices(server, faulty);
  const bound = await server.listen(`${host}:${port}`);
  return Object.assign(faulty, {
    address: `${host}:${bound}`,
    stop: () => {
      server.forceShutdown();
    },
  });
}
