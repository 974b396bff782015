import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';

/** A front end's view of the supergraph: operations over HTTP, live changes over WebSocket, both with one token. */
export interface GraphClient {
  /** @throws Error when the answer has errors */
  run<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Live changes until the caller stops reading. */
  follow<T>(query: string, variables: Record<string, unknown>): AsyncIterableIterator<T>;
  close(): Promise<void>;
}

export function connectGraph(url: string, token: string): GraphClient {
  const authorization = `Bearer ${token}`;
  const socket: Client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    retryAttempts: 5,
  });
  return {
    async run<T>(query: string, variables = {}) {
      const headers = { 'content-type': 'application/json', authorization };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const { data, errors } = (await response.json()) as { data: T; errors?: unknown[] };
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
    async *follow<T>(query: string, variables: Record<string, unknown>) {
      for await (const { data, errors } of socket.iterate({ query, variables })) {
        if (errors) throw new Error(JSON.stringify(errors));
        yield data as T;
      }
    },
    close: async () => socket.dispose(),
  };
}
