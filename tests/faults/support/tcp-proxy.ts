import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a service and one that it calls, and does to their connections what networks do. */
export interface TcpProxy {
  /** host:port */
  readonly address: string;
  /** Passes everything on, to another place when one is named. Connections that are open are reset. */
  pass(target?: string): Promise<void>;
  /** Resets every connection a moment after it was opened. */
  reset(): Promise<void>;
  /** Resets all connections and refuses new ones. */
  refuse(): Promise<void>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Long enough for some calls, short enough to break most connections in the middle of one. */
const LONGEST_LIFE_MS = 100;

/** @param target host:port of the service called */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let [place, isResetting] = [target, false];

  const server = createServer((client) => {
    const [host, port] = place.split(':');
    const upstream = connect(Number(port), host);
    const end = () => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // A broken connection is what this proxy is for: the other side learns it by being reset.
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.pipe(upstream).pipe(client);
    if (isResetting) setTimeout(end, Math.random() * LONGEST_LIFE_MS);
  });
  const listen = async (port: number) => {
    server.listen(port, HOST);
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const resetAll = () => sockets.forEach((socket) => socket.resetAndDestroy());
  const stopListening = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    resetAll();
    await closed;
  };
  const restart = async (resetting: boolean) => {
    await stopListening();
    isResetting = resetting;
    await listen(port);
  };
  return {
    address: `${HOST}:${port}`,
    pass: (to = target) => {
      place = to;
      return restart(false);
    },
    reset: () => restart(true),
    refuse: stopListening,
    close: stopListening,
  };
}
