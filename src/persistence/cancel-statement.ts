import { connect } from 'node:net';
import type pg from 'pg';

/** What a server tells a client at the start, to be shown by whoever wants to cancel its statement. */
interface BackendKey {
  readonly processID: number | null;
  readonly secretKey: number | null;
}

const CANCEL_REQUEST = 80_877_102;
const GIVE_UP_MS = 5_000;

/**
 * Asks the server, over a connection of its own as the protocol wants it, to cancel what a client runs. Poolers hand it on.
 * Best effort: what is not cancelled ends with `statement_timeout`.
 */
export function cancelStatement(client: pg.Client): void {
  const { processID, secretKey } = client as unknown as BackendKey;
  if (processID === null || secretKey === null) return;
  const message = Buffer.alloc(16);
  [16, CANCEL_REQUEST, processID, secretKey].forEach((value, i) => message.writeInt32BE(value, i * 4));
  const { host, port } = client;
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.end(message);
}
