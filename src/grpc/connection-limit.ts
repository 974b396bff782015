import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Where Node announces every connection that a server of this process accepts. */
const ACCEPTED = 'net.server.socket';
/** How often connections are looked at, ms. */
const LOOK_MS = 1_000;

/** What a connection has sent, and since when it has sent nothing more. */
interface Activity {
  readonly bytesRead: number;
  readonly since: number;
}

export interface ConnectionLimit {
  /** How many connections may be open. */
  readonly most: number;
  /** A connection that has sent nothing for this time gives its place to a new one, ms. */
  readonly idleMs: number;
}

/**
 * Closes connections to a port beyond a number of them: the gRPC library has no limit of its own. The one that has sent
 * nothing for the longest time is closed first, so that connections without requests keep nobody out.
 * @returns a function that ends the limit
 */
export function limitConnections(port: number, { most, idleMs }: ConnectionLimit): () => void {
  const open = new Map<Socket, Activity>();
  const onAccepted = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort !== port) return;
    if (open.size >= most && !closeIdlest(open, idleMs)) {
      socket.destroy();
      return;
    }
    open.set(socket, { bytesRead: 0, since: performance.now() });
    socket.once('close', () => open.delete(socket));
  };
  subscribe(ACCEPTED, onAccepted);
  const looking = setInterval(() => look(open), Math.min(LOOK_MS, idleMs)).unref();
  return () => {
    clearInterval(looking);
    unsubscribe(ACCEPTED, onAccepted);
  };
}

function look(open: Map<Socket, Activity>): void {
  const now = performance.now();
  for (const [socket, { bytesRead }] of open)
    if (socket.bytesRead !== bytesRead) open.set(socket, { bytesRead: socket.bytesRead, since: now });
}

/** @returns false where no connection has sent nothing for long enough */
function closeIdlest(open: Map<Socket, Activity>, idleMs: number): boolean {
  look(open);
  const [idlest] = [...open].sort(([, a], [, b]) => a.since - b.since);
  if (!idlest || performance.now() - idlest[1].since < idleMs) return false;
  const [socket] = idlest;
  open.delete(socket);
  socket.destroy();
  return true;
}
