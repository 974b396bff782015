import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** Where Node announces every HTTP/2 stream of this process. */
const STARTED = 'http2.server.stream.start';

/** Whether Node announces calls: 22 and older do not. */
export const ANNOUNCES_CALLS = Number.parseInt(process.versions.node, 10) >= 24;

/**
 * Hears of each call that begins at a port; of none where Node does not announce them.
 * @returns a function that ends the listening
 */
export function onCallStart(port: number, hear: (call: ServerHttp2Stream, socket: Socket) => void): () => void {
  const onStarted = (message: unknown) => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    const socket = stream.session?.socket;
    if (socket?.localPort === port) hear(stream, socket);
  };
  subscribe(STARTED, onStarted);
  return () => void unsubscribe(STARTED, onStarted);
}
