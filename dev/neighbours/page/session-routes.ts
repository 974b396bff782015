import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  cancelSession,
  MOST_SEATS,
  moveSession,
  removeSession,
  resizeSession,
} from '../session-service/session-actions.js';
import type { SessionDesk } from '../session-service/session-state.js';
import { listSessions } from '../session-service/session-state.js';
import { send, wantsHtml } from './answer.js';
import { refusalPage, sessionsPage } from './session-views.js';

interface SessionParams {
  Params: { id: string };
}

interface SeatsParams {
  Params: { id: string; seats: string };
}

interface StartParams {
  Params: { id: string; start: string };
}

const MINUTE_MS = 60_000;
const UNKNOWN = 'no session has this id, or it was cancelled or removed';
const WRONG_SEATS = `seats: expected a whole number from 0 to ${MOST_SEATS}`;
const WRONG_START = 'start: expected whole minutes from now, such as 90 or -5, or an ISO 8601 time with an offset';

const isoTime = z.iso.datetime({ offset: true });

function seatsOf(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) && Number(text) <= MOST_SEATS ? Number(text) : undefined;
}

function startOf(text: string): Date | undefined {
  if (/^-?\d{1,7}$/.test(text)) return new Date(Date.now() + Number(text) * MINUTE_MS);
  return isoTime.safeParse(text).success ? new Date(text) : undefined;
}

function refuse(request: FastifyRequest, reply: FastifyReply, code: number, error: string) {
  return send(request, reply, code, refusalPage(error), { error });
}

function answer(request: FastifyRequest, reply: FastifyReply, result: object | undefined) {
  if (!result) return refuse(request, reply, 404, UNKNOWN);
  // A browser gets the list by another request, so that loading it again does not press the button again.
  return wantsHtml(request) ? reply.redirect('/sessions', 303) : reply.send(result);
}

/** What the operators of the session service do with its sessions. */
export function addSessionRoutes(app: FastifyInstance, desk: SessionDesk): void {
  app.get('/sessions', async (request, reply) => {
    const sessions = await listSessions(desk);
    return send(request, reply, 200, sessionsPage(sessions), sessions);
  });

  app.post<SessionParams>('/sessions/:id/cancel', async (request, reply) =>
    answer(request, reply, await cancelSession(desk, request.params.id)),
  );

  app.post<SessionParams>('/sessions/:id/remove', async (request, reply) =>
    answer(request, reply, await removeSession(desk, request.params.id)),
  );

  app.post<SeatsParams>('/sessions/:id/capacity/:seats', async (request, reply) => {
    const seats = seatsOf(request.params.seats);
    if (seats === undefined) return refuse(request, reply, 400, WRONG_SEATS);
    return answer(request, reply, await resizeSession(desk, request.params.id, seats));
  });

  app.post<StartParams>('/sessions/:id/start/:start', async (request, reply) => {
    const start = startOf(request.params.start);
    if (!start) return refuse(request, reply, 400, WRONG_START);
    return answer(request, reply, await moveSession(desk, request.params.id, start));
  });
}
