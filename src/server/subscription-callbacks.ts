import { type ApolloServerPlugin, type GraphQLRequest } from '@apollo/server';
import { ApolloServerPluginSubscriptionCallback } from '@apollo/server/plugin/subscriptionCallback';
import { graphError } from '../schema/errors.js';
import type { Logger } from '../observability/log.js';
import type { Context } from '../schema/context.js';

/** How a router asks to be called back, as it writes it: names in either form. */
interface Wish {
  callbackUrl?: string;
  callback_url?: string;
  heartbeatIntervalMs?: number;
  heartbeat_interval_ms?: number;
}

type Fetcher = NonNullable<NonNullable<Parameters<typeof ApolloServerPluginSubscriptionCallback>[0]>['fetcher']>;

const DEFAULT_HEARTBEAT_MS = 5_000;
/** Some routers give up after exactly the interval that they ask for. */
const BEATS_IN_INTERVAL = 3;
const CALL_MS = 5_000;

/**
 * Subscriptions over HTTP callbacks, for routers that keep no connection open: events are posted to the URL that the request
 * names. Only URLs that begin with an allowed one are called; otherwise a request could make this service call anybody.
 * @param allowed such as http://router:4000/callback; none: such requests are refused
 */
export function subscriptionCallbacks(allowed: readonly string[], log: Logger): ApolloServerPlugin<Context>[] {
  return [gate(allowed), ApolloServerPluginSubscriptionCallback({ logger: log, fetcher: call })];
}

/** A redirection would lead away from what is allowed. */
const call: Fetcher = (url, init) =>
  fetch(url, { ...(init as RequestInit), redirect: 'error', signal: AbortSignal.timeout(CALL_MS) });

/** Stands before the callbacks: a wish that is refused is taken away, so that nobody is called for it. */
function gate(allowed: readonly string[]): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async ({ request }) => {
      const wish = request.extensions?.['subscription'] as Wish | undefined;
      if (!wish) return undefined;
      if (isAllowed(wish.callbackUrl ?? wish.callback_url, allowed)) return void beatFaster(request, wish);
      request.extensions = { ...request.extensions, subscription: undefined };
      return {
        didResolveOperation: async () => {
          throw graphError('FORBIDDEN', 'This callback URL is not allowed.');
        },
      };
    },
  };
}

/** Compared as URLs: the same origin, and a path below the allowed one. */
function isAllowed(wanted: string | undefined, allowed: readonly string[]): boolean {
  if (!wanted || !URL.canParse(wanted)) return false;
  const { origin, pathname } = new URL(wanted);
  return allowed
    .map((url) => new URL(url))
    .some((one) => {
      const base = one.pathname.replace(/\/$/, '');
      return one.origin === origin && (pathname === base || pathname.startsWith(`${base}/`));
    });
}

function beatFaster(request: GraphQLRequest, wish: Wish): void {
  const asked = wish.heartbeatIntervalMs ?? wish.heartbeat_interval_ms ?? DEFAULT_HEARTBEAT_MS;
  const heartbeatIntervalMs = Math.ceil(asked / BEATS_IN_INTERVAL);
  request.extensions = { ...request.extensions, subscription: { ...wish, heartbeatIntervalMs } };
}
