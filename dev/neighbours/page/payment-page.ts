import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { Payment } from '../payment-service/payment.js';
import type { RefundAction } from '../payment-service/refunds.js';
import { endRefund, openRefunds, REFUND_ACTIONS } from '../payment-service/refunds.js';
import type { PageAction, PageDesk } from './page-actions.js';
import { ACTIONS, act, findBySession, openPayments, razorpayProof, shownStatus } from './page-actions.js';
import { listPage, paymentPage, refundPage, unknownPage } from './views.js';

interface SessionParams {
  Params: { session: string };
}

interface ActionParams {
  Params: { session: string; action: string };
}

interface RefundParams {
  Params: { id: string; action: string };
}

export interface PaymentPage {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Browsers ask for HTML; everything else is a script and gets JSON. */
function wantsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

function toJson(payment: Payment) {
  const { id, orderId, session } = payment;
  const status = shownStatus(payment);
  return { paymentId: id, orderId, status, session: session?.id, razorpay: razorpayProof(payment) };
}

function send(request: FastifyRequest, reply: FastifyReply, code: number, markup: string, json: object) {
  if (wantsHtml(request)) return reply.code(code).type('text/html; charset=utf-8').send(markup);
  return reply.code(code).send(json);
}

function sendUnknown(request: FastifyRequest, reply: FastifyReply) {
  return send(request, reply, 404, unknownPage(), { error: 'no payment has this session' });
}

function isRefundAction(text: string): text is RefundAction {
  return (REFUND_ACTIONS as readonly string[]).includes(text);
}

function isAction(text: string): text is PageAction {
  return (ACTIONS as readonly string[]).includes(text);
}

function addRoutes(app: FastifyInstance, desk: PageDesk): void {
  app.get('/', async (request, reply) => {
    const [payments, refunds] = await Promise.all([openPayments(desk), openRefunds(desk.pool)]);
    return send(request, reply, 200, listPage(payments, refunds), payments.map(toJson));
  });

  app.get('/refunds', async (_request, reply) => reply.send(await openRefunds(desk.pool)));

  app.post<RefundParams>('/refunds/:id/:action', async (request, reply) => {
    const { id, action } = request.params;
    if (!isRefundAction(action)) return sendUnknown(request, reply);
    const result = await endRefund(desk.pool, id, action);
    if (result.kind === 'unknown') return sendUnknown(request, reply);
    desk.wakeOutbox();
    const code = result.kind === 'ended' ? 409 : 200;
    return send(request, reply, code, refundPage(result.refund), result.refund);
  });

  app.get<SessionParams>('/pay/:session', async (request, reply) => {
    const payment = await findBySession(desk, request.params.session);
    if (!payment) return sendUnknown(request, reply);
    return send(request, reply, 200, paymentPage(payment), toJson(payment));
  });

  app.post<ActionParams>('/pay/:session/:action', async (request, reply) => {
    const { session, action } = request.params;
    if (!isAction(action)) return sendUnknown(request, reply);
    const result = await act(desk, session, action);
    if (result.kind === 'unknown') return sendUnknown(request, reply);
    const code = result.kind === 'ended' ? 409 : 200;
    return send(request, reply, code, paymentPage(result.payment), toJson(result.payment));
  });
}

/** Starts the page where a buyer would be at the provider; port 0 takes a free one. */
export async function startPaymentPage(host: string, port: number, desk: PageDesk): Promise<PaymentPage> {
  const app = fastify({ forceCloseConnections: true });
  // Forms come without fields, and whatever a script sends along is of no interest either.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  addRoutes(app, desk);
  await app.listen({ host, port });
  const bound = app.server.address() as AddressInfo;
  return { port: bound.port, stop: () => app.close() };
}
