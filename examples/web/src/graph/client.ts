import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient, type Client } from 'graphql-ws';
import possibleTypes from '../generated/possible-types';
import type { Settings } from '../settings';

/** The graph as one person sees it, and how to leave it. */
export interface GraphConnection {
  readonly client: ApolloClient;
  /** False where changes are not pushed. */
  readonly isLive: boolean;
  close(): void;
}

const RETRIES = 5;

/** Connects one person: a cache of their own, and their token in every request and every WebSocket. */
export function connectGraph(settings: Settings, accessToken: () => Promise<string>): GraphConnection {
  const withToken = new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${await accessToken()}` },
  }));
  const http = ApolloLink.from([retrying(), withToken, new HttpLink({ uri: settings.graphUrl })]);
  const socket = settings.subscriptionsUrl ? connectSocket(settings.subscriptionsUrl, accessToken) : undefined;
  const link = socket ? ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http) : http;
  const client = new ApolloClient({ link, cache: createCache(), clientAwareness: { name: 'shop' } });
  return {
    client,
    isLive: Boolean(socket),
    close: () => {
      client.stop();
      void socket?.dispose();
    },
  };
}

const isSubscription = ({ operationType }: ApolloLink.Operation) => operationType === 'subscription';

/** Repeats what was not answered, if repeating is harmless: queries, and effects that carry their idempotency key. */
function retrying(): RetryLink {
  return new RetryLink({
    delay: { initial: 400, max: 4_000 },
    attempts: (attempt, { operationType, variables }) =>
      attempt <= RETRIES && (operationType === 'query' || Boolean(variables['input']?.idempotencyKey)),
  });
}

/** Streams resume from what was last seen (follow.ts), which the library's own retries cannot know. */
function connectSocket(url: string, accessToken: () => Promise<string>): Client {
  return createClient({
    url,
    lazyCloseTimeout: 0,
    retryAttempts: 0,
    connectionParams: async () => ({ authorization: `Bearer ${await accessToken()}` }),
  });
}

/** What has no id belongs to what it is part of, and is replaced with it. */
const PARTS = { timeline: { merge: false }, availableActions: { merge: false } };

function createCache(): InMemoryCache {
  return new InMemoryCache({
    ...possibleTypes,
    typePolicies: {
      Query: {
        fields: {
          myOrders: relayStylePagination(['filter']),
          orders: relayStylePagination(['filter']),
          refunds: relayStylePagination(['status']),
          mySessionBookings: relayStylePagination(),
          stuckSagas: relayStylePagination(),
          order: {
            read: (known, { args, toReference }) => known ?? toReference({ __typename: 'Order', id: args?.['id'] }),
          },
        },
      },
      Order: { fields: PARTS },
      SessionBooking: { fields: PARTS },
      Money: { merge: true },
    },
  });
}
