import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { ANNOUNCES_CALLS, onCallStart } from './call-starts.js';

/** Where Node announces every connection that a server of this process accepts. */
const ACCEPTED = 'net.server.socket';

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
    if (open.size >= most && !closeIdlest(open, idleMs)) return void socket.destroy();
    const key = peerOf(socket);
    const connection = { socket, calls: 0, idleSince: performance.now() };
    open.set(key, connection);
    socket.once('close', () => {
      if (open.get(key) === connection) open.delete(key);
    });
  };
  const stopHearing = onCallStart(port, (call, socket) => {
    const connection = open.get(peerOf(socket));
    if (!connection) return;
    connection.calls += 1;
    call.once('close', () => {
      connection.calls -= 1;
      connection.idleSince = performance.now();
    });
  });
  subscribe(ACCEPTED, onAccepted);
  return () => {
    unsubscribe(ACCEPTED, onAccepted);
    stopHearing();
  };
}

const peerOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress} ${remotePort}`;

/** Closes the connection without a call for the longest time. @returns false where none has been for long enough */
function closeIdlest(open: Map<string, Connection>, idleMs: number): boolean {
  // Nothing is known of calls: any connection may have one.
  if (!ANNOUNCES_CALLS) return false;
  const latest = performance.now() - idleMs;
  const idle = [...open].filter(([, { calls, idleSince }]) => calls === 0 && idleSince <= latest);
  const [idlest] = idle.sort(([, a], [, b]) => a.idleSince - b.idleSince);
  if (!idlest) return false;
  const [key, { socket }] = idlest;
  open.delete(key);
  socket.destroy();
  return true;
}
