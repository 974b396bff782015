import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { constants, type ServerHttp2Stream } from 'node:http2';

/** Where Node announces every HTTP/2 stream of this process; Node 22 and older do not, and have no such limit here. */
const STARTED = 'http2.server.stream.start';
/** A request that has taken longer than this to arrive gives its place to a new one where there is no other, ms. */
const SLOW_MS = 250;

export interface RequestLimit {
  /** How long a request may take to arrive whole, ms. */
  readonly limitMs: number;
  /** How many requests may be arriving at once, over all connections. */
  readonly mostArriving: number;
}

/**
 * Ends calls to a port whose request has not arrived whole in time: a body that never ends would hold memory and a stream.
 * While too many are arriving, the slowest gives its place to a new one, so that unfinished requests keep no caller out.
 * @returns a function that ends the limit
 */
export function limitRequests(port: number, { limitMs, mostArriving }: RequestLimit): () => void {
  // In the order in which they began.
  const arriving = new Map<ServerHttp2Stream, number>();
  const onStarted = (message: unknown) => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    if (stream.session?.socket.localPort !== port) return;
    if (arriving.size >= mostArriving && !endSlowest(arriving)) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    arriving.set(stream, performance.now());
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

/** @returns false where all of them began a moment ago */
function endSlowest(arriving: Map<ServerHttp2Stream, number>): boolean {
  const [slowest] = arriving;
  if (!slowest || performance.now() - slowest[1] < SLOW_MS) return false;
  const [stream] = slowest;
  arriving.delete(stream);
  stream.close(constants.NGHTTP2_CANCEL);
  return true;
}
