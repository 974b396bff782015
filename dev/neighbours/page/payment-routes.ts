import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Payment } from '../payment-service/payment.js';
import type { RefundAction } from '../payment-service/refunds.js';
import { endRefund, openRefunds, REFUND_ACTIONS } from '../payment-service/refunds.js';
import { send } from './answer.js';
import type { PageAction, PageDesk } from './page-actions.js';
import { ACTIONS, act, findBySession, razorpayProof, shownStatus } from './page-actions.js';
import { paymentPage, refundPage, unknownPage } from './views.js';

interface SessionParams {
  Params: { session: string };
}

interface ActionParams {
  Params: { session: string; action: string };
}

interface RefundParams {
  Params: { id: string; action: string };
}

/** A payment as scripts get it. */
export function toJson(payment: Payment) {
  const { id, orderId, session } = payment;
  const status = shownStatus(payment);
  return { paymentId: id, orderId, status, session: session?.id, razorpay: razorpayProof(payment) };
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

/** What a buyer does at the provider. */
export function addPaymentRoutes(app: FastifyInstance, desk: PageDesk): void {
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

/** What an operator of the payment service does with refunds. */
export function addRefundRoutes(app: FastifyInstance, desk: PageDesk): void {
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
}
