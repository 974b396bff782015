import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fastify from 'fastify';
import type { ShopOptions } from '../../shop/shop-routes.js';
import { addShopRoutes } from '../../shop/shop-routes.js';
import type { SignInOptions } from '../auth-service/sign-in-routes.js';
import { addSignInRoutes } from '../auth-service/sign-in-routes.js';
import { openRefunds } from '../payment-service/refunds.js';
import type { SessionDesk } from '../session-service/session-state.js';
import { listSessions } from '../session-service/session-state.js';
import { send } from './answer.js';
import type { PageDesk } from './page-actions.js';
import { openPayments } from './page-actions.js';
import { addPaymentRoutes, addRefundRoutes, toJson } from './payment-routes.js';
import { addSessionRoutes } from './session-routes.js';
import { listPage } from './views.js';

export interface PaymentPage {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** What the page acts on. */
export interface PageDesks {
  readonly payments: PageDesk;
  readonly sessions: SessionDesk;
}

/** The web page that is served beside the payment page, and its sign-in. */
export interface PageWeb {
  readonly shop: ShopOptions;
  readonly signIn: SignInOptions;
}

function addList(app: FastifyInstance, desks: PageDesks): void {
  app.get('/', async (request, reply) => {
    const [payments, refunds, sessions] = await Promise.all([
      openPayments(desks.payments),
      openRefunds(desks.payments.pool),
      listSessions(desks.sessions),
    ]);
    return send(request, reply, 200, listPage(payments, refunds, sessions), payments.map(toJson));
  });
}

/** Starts the page where a buyer would be at the provider, and the operators of the services; port 0 takes a free one. */
export async function startPaymentPage(
  host: string,
  port: number,
  desks: PageDesks,
  web?: PageWeb,
): Promise<PaymentPage> {
  const app = fastify({ forceCloseConnections: true });
  // Forms come without fields, and whatever a script sends along is of no interest either.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  addList(app, desks);
  addPaymentRoutes(app, desks.payments);
  addRefundRoutes(app, desks.payments);
  addSessionRoutes(app, desks.sessions);
  if (web) {
    addSignInRoutes(app, web.signIn);
    addShopRoutes(app, web.shop);
  }
  await app.listen({ host, port });
  const bound = app.server.address() as AddressInfo;
  return { port: bound.port, stop: () => app.close() };
}
