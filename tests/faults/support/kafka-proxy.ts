import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How an answer is lost: nothing comes and the connection stays, or the connection breaks. */
export type Loss = 'silent' | 'cut';

/** Stands between clients and a Kafka broker and loses answers to what one client produced. */
export interface KafkaProxy {
  readonly port: number;
  /** The broker carries out the next produce request of the client, but its answer never arrives. @returns when it is lost */
  loseProduceAnswer(how: Loss): Promise<void>;
  close(): Promise<void>;
}

const PRODUCE = 0;

/** Cuts a stream of the Kafka protocol into its messages, each with its four bytes of length. */
class Frames {
  #rest = Buffer.alloc(0);

  *read(chunk: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readInt32BE(0);
      if (this.#rest.length < end) return;
      yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** The correlation id of a produce request of the client, undefined for everything else. */
function producedBy(clientId: string, frame: Buffer): number | undefined {
  if (frame.readInt16BE(4) !== PRODUCE) return undefined;
  const length = frame.readInt16BE(12);
  return frame.toString('utf8', 14, 14 + Math.max(length, 0)) === clientId ? frame.readInt32BE(8) : undefined;
}

/** @param brokerPort where the broker is; only asked for when a client connects @param clientId whose answers are lost */
export async function startKafkaProxy(brokerPort: () => number, clientId: string): Promise<KafkaProxy> {
  const sockets = new Set<Socket>();
  let wanted: { how: Loss; done: () => void } | undefined;

  const server = createServer((client) => {
    const broker = connect(brokerPort(), '127.0.0.1');
    const end = () => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      sockets.add(socket);
      // A broken connection is told to the other side by being closed.
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    const produced = new Set<number>();
    const [asked, answered] = [new Frames(), new Frames()];
    client.on('data', (chunk: Buffer) => {
      for (const frame of asked.read(chunk)) {
        const id = producedBy(clientId, frame);
        if (id !== undefined) produced.add(id);
      }
      broker.write(chunk);
    });
    broker.on('data', (chunk: Buffer) => {
      for (const frame of answered.read(chunk)) {
        const loss = produced.delete(frame.readInt32BE(4)) ? wanted : undefined;
        if (!loss) client.write(frame);
        else lose(loss, end);
      }
    });
  });
  const lose = ({ how, done }: { how: Loss; done: () => void }, end: () => void) => {
    wanted = undefined;
    if (how === 'cut') end();
    done();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    loseProduceAnswer: (how) => new Promise((resolve) => (wanted = { how, done: resolve })),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
