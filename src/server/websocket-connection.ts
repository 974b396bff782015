import type { IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import type { Logger } from '../observability/log.js';

/** What belongs to a connection beside the protocol. */
export interface ConnectionExtra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

/** Closes the connection of a client that does not read what it asked for. Clients of graphql-ws connect again after it. */
export const TOO_SLOW = 1013;

/** Most bytes that wait for one client. A single answer may be larger: it is sent while no more than this waits. */
const MAX_QUEUED_BYTES = 4 * 1_024 * 1_024;
/** How long a client that reads too slowly may take to read that it is closed. */
const CLOSING_MS = 5_000;
const KEEP_ALIVE_MS = 12_000;

/**
 * Speaks graphql-ws over one WebSocket: bounds what waits to be sent, pings, and closes on errors without showing them. The
 * adapter of graphql-ws for ws has an unbounded queue, and writes to the terminal what any client can cause.
 */
export function serveConnection(server: Server<ConnectionExtra>, extra: ConnectionExtra, log: Logger): void {
  const { socket } = extra;
  // Each operation under way waits for the socket to close.
  socket.setMaxListeners(0);
  const failed = (error: unknown) => {
    log.error({ err: error }, 'a message of a WebSocket failed unexpectedly');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) => send(socket, data, log),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data: RawData) => {
          // What was sent before it was closed does not count any more.
          if (socket.readyState === socket.OPEN) handle(String(data)).catch(failed);
        }),
    },
    extra,
  );
  const stopPinging = keepAlive(socket);
  // By hand, because answers to pings are queued as well.
  socket.on('ping', (data) => {
    if (hasRoom(socket, log)) socket.pong(data);
  });
  socket.once('close', (code, reason) => {
    stopPinging();
    closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'a WebSocket could not be left'));
  });
}

/** Resolves when the data was handed to the operating system, or when nobody is there to read it. */
function send(socket: WebSocket, data: string, log: Logger): Promise<void> {
  if (!hasRoom(socket, log)) return Promise.resolve();
  return new Promise((resolve) => {
    socket.send(data, (error) => {
      if (error) log.debug({ err: error }, 'a WebSocket was closed before all was sent');
      resolve();
    });
  });
}

/** Whether more may be sent. A client for whom too much waits is closed. */
function hasRoom(socket: WebSocket, log: Logger): boolean {
  if (socket.readyState !== socket.OPEN) return false;
  if (socket.bufferedAmount <= MAX_QUEUED_BYTES) return true;
  log.warn({ queuedBytes: socket.bufferedAmount }, 'a WebSocket is closed because its client does not read');
  socket.close(TOO_SLOW, 'The client reads too slowly.');
  // The closing waits behind all that is queued; the socket goes with it.
  const timer = setTimeout(() => socket.terminate(), CLOSING_MS);
  socket.once('close', () => clearTimeout(timer));
  return false;
}

/** Pings; ends the connection when a ping is not answered before the next one. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
