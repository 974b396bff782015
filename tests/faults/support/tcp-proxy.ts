import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a service and one that it calls, and does to their connections what networks do. */
export interface TcpProxy {
  /** host:port */
  readonly address: string;
  /** Passes everything on, to another place when one is named. Open connections are reset, those that were silenced stay so. */
  pass(target?: string): Promise<void>;
  /** Resets every connection a moment after it was opened. */
  reset(): Promise<void>;
  /** Loses everything that is sent, without a word: neither the open connections nor new ones break. */
  silence(): void;
  /** Resets all connections and refuses new ones. */
  refuse(): Promise<void>;
  close(): Promise<void>;
}

interface Connection {
  isSilent: boolean;
  reset(): void;
}

const HOST = '127.0.0.1';
/** Long enough for some calls, short enough to break most connections in the middle of one. */
const LONGEST_LIFE_MS = 100;

/** @param target host:port of the service called */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  let place = target;
  let mode: 'passing' | 'resetting' | 'silent' = 'passing';

  const server = createServer((client) => {
    const [host, port] = place.split(':');
    const upstream = connect(Number(port), host);
    const connection: Connection = {
      isSilent: mode === 'silent',
      reset: () => {
        client.resetAndDestroy();
        upstream.destroy();
        connections.delete(connection);
      },
    };
    connections.add(connection);
    const handOn = (from: Socket, to: Socket) => {
      from.on('data', (chunk) => void (connection.isSilent || to.write(chunk)));
      // A broken connection is what this proxy is for: the other side learns it by being reset.
      from.on('error', connection.reset).on('close', connection.reset);
    };
    handOn(client, upstream);
    handOn(upstream, client);
    if (mode === 'resetting') setTimeout(connection.reset, Math.random() * LONGEST_LIFE_MS);
  });
  const listen = async (port: number) => {
    server.listen(port, HOST);
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const enter = async (next: typeof mode) => {
    mode = next;
    for (const connection of connections) if (!connection.isSilent) connection.reset();
    if (!server.listening) await listen(port);
  };
  const refuse = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const connection of connections) connection.reset();
    await closed;
  };
  return {
    address: `${HOST}:${port}`,
    pass: (to = target) => {
      place = to;
      return enter('passing');
    },
    reset: () => enter('resetting'),
    silence: () => {
      mode = 'silent';
      for (const connection of connections) connection.isSilent = true;
    },
    refuse,
    close: refuse,
  };
}
