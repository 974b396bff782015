import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** An answer of the supergraph, errors and all. Its data are typed as loosely as parsed JSON: tests compare whole answers. */
export interface Answer {
  readonly data: ReturnType<typeof JSON.parse>;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
}

/** A client of the supergraph. */
export interface Graph {
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Follows a subscription; what came is collected until it ends or is stopped. */
  follow(query: string, variables?: object): Stream;
  close(): Promise<void>;
}

export interface Stream {
  readonly answers: Answer[];
  /** Set when the stream ended by itself; an error where it was refused. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

export function connectGraph(url: string, token?: string): Graph {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  return {
    async ask(query, variables = {}, headers = {}) {
      const body = JSON.stringify({ query, variables });
      const all = { 'content-type': 'application/json', ...authorization, ...headers };
      const response = await fetch(url, { method: 'POST', headers: all, body });
      return (await response.json()) as Answer;
    },
    follow(query, variables = {}) {
      const answers: Answer[] = [];
      let stop = (): void => undefined;
      const ended = new Promise<unknown>((resolve) => {
        stop = socket.subscribe(
          { query, variables: variables as Record<string, unknown> },
          {
            next: (answer) => answers.push(answer as unknown as Answer),
            error: resolve,
            complete: () => resolve(undefined),
          },
        );
      });
      return { answers, ended, stop };
    },
    close: async () => socket.dispose(),
  };
}
