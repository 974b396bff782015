import { createServer } from 'node:net';

const LOWEST = 20_000;
// Linux hands out 32768 and up to outgoing connections: a client that retries a dead port could take it.
const CEILING = 32_768;

/** Whether a TCP port of 127.0.0.1 can be listened on now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A TCP port of 127.0.0.1 below 32768 that is free now.
 * @param taken ports not to answer, although they may be free
 * @throws Error when a hundred tries found none
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (CEILING - LOWEST));
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`no free port found between ${LOWEST} and ${CEILING} on 127.0.0.1`);
}
