/**
 * The same as gateway.config.ts, but changes are posted to the gateway instead of held connections. ROUTER_CALLBACK_URL is where the
 * orders subgraph reaches the gateway, such as http://gateway:4000/callback; its SUBSCRIPTION_CALLBACK_URLS must allow it.
 */
import { MemPubSub } from '@graphql-hive/pubsub';
import { gatewayConfig as config } from './gateway.config.ts';

const { ROUTER_CALLBACK_URL: publicUrl = 'http://127.0.0.1:4000/callback' } = process.env;
const { orders, ...others } = config.transportEntries;
const callbacks = {
  kind: 'http-callback',
  location: '/graphql',
  options: { public_url: publicUrl, path: '/callback' },
};

export const gatewayConfig = {
  ...config,
  pubsub: new MemPubSub(),
  webhooks: true,
  transportEntries: { ...others, orders: { ...orders, options: { subscriptions: callbacks } } },
};
