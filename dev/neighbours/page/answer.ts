import type { FastifyReply, FastifyRequest } from 'fastify';

/** Browsers ask for HTML; everything else is a script and gets JSON. */
export function wantsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

/** Answers markup to a browser and JSON to a script. */
export function send(request: FastifyRequest, reply: FastifyReply, code: number, markup: string, json: object) {
  if (wantsHtml(request)) return reply.code(code).type('text/html; charset=utf-8').send(markup);
  return reply.code(code).send(json);
}
