import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Replica } from './replica.js';
import { ROUTER_SECRET } from './secrets.js';

/** What a stream has told of an order so far. */
export interface Followed {
  /** Types of the events, oldest first. */
  readonly types: string[];
  stop(): Promise<void>;
}

const FOLLOW = `subscription ($id: ID!) { orderStatusChanged(orderId: $id, afterVersion: 0) { type } }`;

/** Follows an order over a WebSocket of one replica, from its first event. */
export function follow({ url }: Replica, token: string, orderId: string): Followed {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, 'x-router-secret': ROUTER_SECRET },
    retryAttempts: 0,
  });
  const types: string[] = [];
  let failure: unknown;
  client.subscribe<{ orderStatusChanged: { type: string } }>(
    { query: FOLLOW, variables: { id: orderId } },
    {
      next: ({ data, errors }) => void types.push(data?.orderStatusChanged.type ?? JSON.stringify(errors)),
      error: (error) => (failure = error),
      complete: () => undefined,
    },
  );
  return {
    types,
    stop: async () => {
      await client.dispose();
      if (failure) throw new Error('the stream broke', { cause: failure });
    },
  };
}
