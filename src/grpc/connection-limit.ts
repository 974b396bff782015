import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Where Node announces every connection that a server of this process accepts. */
const ACCEPTED = 'net.server.socket';

/**
 * Closes connections to a port beyond a number of them: the gRPC library has no limit of its own.
 * @returns a function that ends the limit
 */
export function limitConnections(port: number, most: number): () => void {
  const open = new Set<Socket>();
  const onAccepted = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort !== port) return;
    if (open.size >= most) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  subscribe(ACCEPTED, onAccepted);
  return () => void unsubscribe(ACCEPTED, onAccepted);
}
