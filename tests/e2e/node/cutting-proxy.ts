import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and the graph, and breaks connections. */
export interface CuttingProxy {
  /** Of the graph, through this proxy. */
  readonly url: string;
  /** How many connections were broken. */
  readonly cuts: number;
  /** The next request with this text is passed on, but its answer never arrives. */
  loseAnswerOf(text: string): void;
  /** What is sent to the client goes up to the next piece with this text; then the connection breaks. */
  cutAfter(text: string): void;
  close(): Promise<void>;
}

/** @param graphUrl where the graph is; the proxy's URL differs in its port only */
export async function startCuttingProxy(graphUrl: string): Promise<CuttingProxy> {
  const graphAt = new URL(graphUrl);
  const sockets = new Set<Socket>();
  let toLose: string | undefined;
  let toCut: string | undefined;
  let cuts = 0;

  const server = createServer((client) => {
    const graph = connect(Number(graphAt.port), graphAt.hostname);
    let isLosing = false;
    const end = () => {
      client.destroy();
      graph.destroy();
    };
    const cut = () => {
      cuts += 1;
      end();
    };
    for (const socket of [client, graph]) {
      sockets.add(socket);
      // A broken connection is what this proxy is for: the other side learns it by being closed.
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (piece: Buffer) => {
      if (toLose !== undefined && piece.includes(toLose)) {
        toLose = undefined;
        isLosing = true;
      }
      graph.write(piece);
    });
    graph.on('data', (piece: Buffer) => {
      if (isLosing) return cut();
      const isLast = toCut !== undefined && piece.includes(toCut);
      if (isLast) toCut = undefined;
      client.write(piece, isLast ? cut : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(graphAt);
  url.port = String((server.address() as AddressInfo).port);

  return {
    url: url.href,
    get cuts() {
      return cuts;
    },
    loseAnswerOf: (text) => void (toLose = text),
    cutAfter: (text) => void (toCut = text),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
