import { constants, type ServerHttp2Stream } from 'node:http2';
import { onCallStart } from './call-starts.js';

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
  return onCallStart(port, (stream) => {
    if (arriving.size >= mostArriving && !endSlowest(arriving)) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    arriving.set(stream, performance.now());
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), limitMs);
    const stopWaiting = () => {
      clearTimeout(timer);
      arriving.delete(stream);
    };
    stream.once('end', stopWaiting).once('close', stopWaiting);
  });
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
