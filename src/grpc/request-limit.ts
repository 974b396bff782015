import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { constants, type ServerHttp2Stream } from 'node:http2';

/** Where Node announces every HTTP/2 stream of this process; Node 22 and older do not, and have no such limit here. */
const STARTED = 'http2.server.stream.start';

export interface RequestLimit {
  /** How long a request may take to arrive whole, ms. */
  readonly limitMs: number;
  /** How many requests may be arriving at once, over all connections. */
  readonly mostArriving: number;
}

/**
 * Ends calls to a port whose request has not arrived whole in time, and new ones while too many are arriving: a body that
 * never ends would hold memory and a stream.
 * @returns a function that ends the limit
 */
export function limitRequests(port: number, { limitMs, mostArriving }: RequestLimit): () => void {
  const arriving = new Set<ServerHttp2Stream>();
  const onStarted = (message: unknown) => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    if (stream.session?.socket.localPort !== port) return;
    if (arriving.size >= mostArriving) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    arriving.add(stream);
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), limitMs);
    const stopWaiting = () => {
      clearTimeout(timer);
      arriving.delete(stream);
    };
    stream.once('end', stopWaiting).once('close', stopWaiting);
  };
  subscribe(STARTED, onStarted);
  return () => void unsubscribe(STARTED, onStarted);
}
