import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** Where Node announces every connection that a server of this process accepts. */
const ACCEPTED = 'net.server.socket';
/** Where Node announces every HTTP/2 stream of this process. */
const STARTED = 'http2.server.stream.start';
/** Node 22 and older do not: nothing is known of calls there, and no connection counts as idle. */
const ANNOUNCES_CALLS = Number.parseInt(process.versions.node, 10) >= 24;

/** The calls of a connection. */
interface Connection {
  readonly socket: Socket;
  calls: number;
  /** When it was opened or its last call ended, monotonic ms. */
  idleSince: number;
}

export interface ConnectionLimit {
  /** How many connections may be open. */
  readonly most: number;
  /** A connection without a call for this time gives its place to a new one, ms. */
  readonly idleMs: number;
}

/**
 * Closes connections to a port beyond a number of them: the gRPC library has no limit of its own. The one that has been
 * without a call for the longest time is closed first, whatever else it sends, so that it keeps no caller out. One with a call
 * under way is never closed for another.
 * @returns a function that ends the limit
 */
export function limitConnections(port: number, { most, idleMs }: ConnectionLimit): () => void {
  const open = new Map<string, Connection>();
  const onAccepted = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort !== port) return;
    const idlest = open.size >= most && ANNOUNCES_CALLS ? idlestOf(open, idleMs) : undefined;
    if (open.size >= most && !idlest) return void socket.destroy();
    idlest?.socket.destroy();
    const key = peerOf(socket);
    if (idlest) open.delete(peerOf(idlest.socket));
    const connection = { socket, calls: 0, idleSince: performance.now() };
    open.set(key, connection);
    socket.once('close', () => {
      if (open.get(key) === connection) open.delete(key);
    });
  };
  const onStarted = (message: unknown) => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    const socket = stream.session?.socket;
    if (socket?.localPort !== port) return;
    const connection = open.get(peerOf(socket));
    if (!connection) return;
    connection.calls += 1;
    stream.once('close', () => {
      connection.calls -= 1;
      connection.idleSince = performance.now();
    });
  };
  subscribe(ACCEPTED, onAccepted);
  subscribe(STARTED, onStarted);
  return () => {
    unsubscribe(ACCEPTED, onAccepted);
    unsubscribe(STARTED, onStarted);
  };
}

const peerOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress} ${remotePort}`;

/** The connection without a call for the longest time; undefined where none has been for long enough. */
function idlestOf(open: ReadonlyMap<string, Connection>, idleMs: number): Connection | undefined {
  const latest = performance.now() - idleMs;
  const idle = [...open.values()].filter(({ calls, idleSince }) => calls === 0 && idleSince <= latest);
  return idle.reduce<Connection | undefined>((a, b) => (a && a.idleSince <= b.idleSince ? a : b), undefined);
}
