import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely, type ConnectionOptions } from 'node:tls';
import { Kafka, logLevel } from 'kafkajs';
import type { LogEntry, SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Logger;
  readonly security?: KafkaSecurity | undefined;
}

/** How brokers are spoken to and signed in at. */
export interface KafkaSecurity {
  /** TLS with these options; absent: in the clear. */
  readonly tls?: ConnectionOptions | undefined;
  readonly sasl?: SASLOptions | undefined;
}

/** A kafkajs client whose connections can be cut, so that nothing it still tries reaches a broker. */
export interface CuttableClient {
  readonly kafka: Kafka;
  cut(): void;
}

// Named here, because kafkajs uses other defaults when NODE_ENV is test.
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2, retries: 3 };
const KEEP_ALIVE_MS = 60_000;

/** What kafkajs calls an error is mostly something it tries again, worth a warning; after a cut it is what was wanted. */
function logInto(log: Logger, isCut: () => boolean): (level: logLevel) => (entry: LogEntry) => void {
  return () => (entry) => {
    const { message, timestamp: _, logger: __, ...details } = entry.log;
    const line = { part: entry.namespace, ...details };
    if (entry.level <= logLevel.WARN && !isCut()) log.warn(line, `kafka: ${message}`);
    else log.debug(line, `kafka: ${message}`);
  };
}

/**
 * Ends a connection whose bytes kafkajs cannot read. It lets that error break out of the socket's listener, where it would end
 * the process.
 */
function closeOnGarbage(socket: Socket): Socket {
  const on = socket.on.bind(socket) as (event: string, listener: (...args: unknown[]) => void) => Socket;
  socket.on = ((event: string, listener: (...args: unknown[]) => void) => {
    if (event !== 'data') return on(event, listener);
    return on(event, (...args) => {
      try {
        listener(...args);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
  }) as typeof socket.on;
  return socket;
}

export function kafkaClient({ brokers, clientId, log, security }: KafkaSettings): CuttableClient {
  const sockets = new Set<Socket>();
  let isCut = false;
  const kafka = new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: security?.tls ? { ...security.tls } : false,
    sasl: security?.sasl,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: logInto(log, () => isCut),
    socketFactory: ({ host, port, ssl, onConnect }) => {
      if (isCut) throw new Error('this client was given up');
      const secure = { ...ssl, host, port, ...(isIP(host) ? { servername: '' } : { servername: host }) };
      const socket = security?.tls ? connectSecurely(secure, onConnect) : connect({ host, port }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      sockets.add(socket);
      return closeOnGarbage(socket.once('close', () => sockets.delete(socket)));
    },
  });
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy(new Error('this client was given up'));
  };
  return { kafka, cut };
}
