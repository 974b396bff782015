import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and PostgreSQL: counts what is sent, loses answers, is away for a while. */
export interface PostgresProxy {
  readonly url: string;
  /** Every statement since the last call, one entry a protocol message. */
  takeStatements(): string[];
  /** The next message that matches is carried out, but its answer never arrives: the connection breaks instead. */
  loseAnswerOf(matches: (sql: string) => boolean): void;
  /** Breaks all connections and takes no new ones, until `resume`. */
  stop(): void;
  resume(): void;
  close(): Promise<void>;
}

const STARTUP = '';
const READY_FOR_QUERY = 'Z';

/** Cuts a byte stream of the PostgreSQL protocol into messages: type and body. */
class Messages {
  #rest = Buffer.alloc(0);
  #isStarted: boolean;

  /** @param fromClient the client's first message has no type */
  constructor(fromClient: boolean) {
    this.#isStarted = !fromClient;
  }

  *read(chunk: Buffer): Generator<{ type: string; body: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const at = this.#isStarted ? 1 : 0;
      if (this.#rest.length < at + 4) return;
      const end = at + this.#rest.readInt32BE(at);
      if (this.#rest.length < end) return;
      const type = this.#isStarted ? this.#rest.toString('latin1', 0, 1) : STARTUP;
      yield { type, body: this.#rest.subarray(at + 4, end) };
      this.#rest = this.#rest.subarray(end);
      this.#isStarted = true;
    }
  }
}

/** The SQL of a message that carries some: a query, or a statement to be prepared (its name comes first). */
function sqlOf({ type, body }: { type: string; body: Buffer }): string | undefined {
  if (type !== 'Q' && type !== 'P') return undefined;
  const texts = body.toString().split('\0');
  return type === 'Q' ? texts[0] : texts[1];
}

/** @param databaseUrl where the server is; the proxy's URL differs in host and port only */
export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const statements: string[] = [];
  let toLose: ((sql: string) => boolean) | undefined;
  let isAway = false;

  const server = createServer((client) => {
    if (isAway) return void client.destroy();
    const upstream = connect(Number(target.port || 5432), target.hostname);
    let isLosing = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // A broken connection is what this proxy is for: the other side learns it by being closed.
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    const asked = new Messages(true);
    client.on('data', (chunk: Buffer) => {
      for (const message of asked.read(chunk)) {
        const sql = sqlOf(message);
        if (sql === undefined) continue;
        statements.push(sql);
        if (!toLose?.(sql)) continue;
        toLose = undefined;
        isLosing = true;
      }
      upstream.write(chunk);
    });
    const answered = new Messages(false);
    upstream.on('data', (chunk: Buffer) => {
      const isDone = [...answered.read(chunk)].some(({ type }) => type === READY_FOR_QUERY);
      if (!isLosing) client.write(chunk);
      else if (isDone) end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const breakAll = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: url.href,
    takeStatements: () => statements.splice(0),
    loseAnswerOf: (matches) => (toLose = matches),
    stop: () => {
      isAway = true;
      breakAll();
    },
    resume: () => void (isAway = false),
    close: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
