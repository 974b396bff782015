import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { SHOP_FOLDER } from './build-shop.js';

/** Where the page finds the graph. */
export interface ShopOptions {
  readonly graphUrl: string;
  /** Over WebSocket; null where the gateway has no subscriptions, then the page asks again from time to time. */
  readonly subscriptionsUrl: string | null;
}

/** Of the payment page beside it, for the provider that gives no link of its own. */
const RAZORPAY_URL = '/pay/';

/** Assets have a hash of their content in their names; the page itself is asked for again each time. */
function setHeaders(reply: FastifyReply, path: string): void {
  const isAsset = path.includes('/assets/');
  void reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** Serves the web page of examples/web at /shop/; every address below it is the page's own. */
export function addShopRoutes(app: FastifyInstance, options: ShopOptions): void {
  const settings = { ...options, razorpayUrl: RAZORPAY_URL };
  app.get('/shop/settings.json', (_request, reply) => reply.header('cache-control', 'no-store').send(settings));
  app.get('/shop', (_request, reply) => reply.redirect('/shop/'));
  void app.register(fastifyStatic, {
    root: SHOP_FOLDER,
    prefix: '/shop/',
    wildcard: true,
    cacheControl: false,
    setHeaders,
  });
  app.setNotFoundHandler((request, reply) => {
    if (!request.url.startsWith('/shop/')) return reply.code(404).send({ error: 'nothing is here' });
    if (!existsSync(join(SHOP_FOLDER, 'index.html')))
      return reply.code(503).send('The page is not built: npm run shop');
    return reply.sendFile('index.html');
  });
}
