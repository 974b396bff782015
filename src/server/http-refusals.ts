import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../observability/log.js';

const ALLOWED = 'GET, POST, OPTIONS';

/** What does not get as far as GraphQL is answered as GraphQL answers: with errors that have a code. */
export function addRefusals(fastify: FastifyInstance, log: Logger): void {
  fastify.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(refusal(error.message));
    log.error({ err: error, url: request.url }, 'a request failed unexpectedly');
    const { correlationId } = request.scope;
    const extensions = { code: 'INTERNAL_SERVER_ERROR', correlationId };
    return reply.code(500).send({ errors: [{ message: 'Something went wrong; the error was logged.', extensions }] });
  });
  fastify.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).send(refusal('There is nothing here.', 'NOT_FOUND')),
  );
}

/** Refuses a method that GraphQL over HTTP does not have. */
export async function refuseMethod({ method }: FastifyRequest, reply: FastifyReply): Promise<void> {
  await reply
    .code(405)
    .header('allow', ALLOWED)
    .send(refusal(`${method} is not served here, only ${ALLOWED}.`));
}

/** Refuses a request whose URL cannot be decoded. */
export function refuseUrl({ message }: Error, _request: unknown, reply: FastifyReply): void {
  void reply.code(400).send(refusal(message));
}

/** Why a connection is given up before its request was read whole, by the code of the error. */
const UNREADABLE: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers are too large.' },
};

/** Answers what is no HTTP request, or does not arrive in time, and closes its connection. */
export function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, message } = UNREADABLE[error.code ?? ''] ?? { status: 400, message: 'This is not an HTTP request.' };
  const body = JSON.stringify(refusal(message));
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}

function refusal(message: string, code = 'BAD_REQUEST') {
  return { errors: [{ message, extensions: { code } }] };
}
