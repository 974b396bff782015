import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import { Refused, TryAgain } from './errors.js';

export interface GraphOptions {
  /** Of the GraphQL endpoint; live changes come over WebSocket from the same place. */
  readonly url: string;
  /** Asked before every call, so that a program which runs for long can renew its token. */
  readonly token: () => Promise<string>;
}

/** The graph, typed by its operations. */
export interface GraphClient {
  /** One try. @throws TryAgain for what will pass, Refused for the rest */
  ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /** One connection, until it ends or the caller stops reading. @throws TryAgain where it is lost, Refused */
  follow<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data>;
}

interface GraphError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number };
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphError[];
}

const LONGEST_ANSWER_MS = 20_000;
// The last is what a gateway says of a subgraph that it cannot reach.
const PASSING = ['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'DOWNSTREAM_SERVICE_ERROR'];
// A server that closes with one of these was asked wrongly, and would be again.
const FATAL_CLOSE_CODES = [4400, 4401, 4403, 4406, 4409, 4429];

/** Connects to the graph: queries and mutations over HTTP, subscriptions over graphql-ws. */
export function connectGraph({ url, token }: GraphOptions): GraphClient {
  return {
    async ask(document, variables) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token()}` };
      const body = JSON.stringify({ query: print(document), variables });
      return dataOf(await post<Answer<never>>(url, headers, body));
    },

    async *follow(document, variables) {
      // No retries of its own: they would ask for the same version again and repeat what was seen.
      const socket = createClient({
        url: url.replace(/^http/, 'ws'),
        connectionParams: async () => ({ Authorization: `Bearer ${await token()}` }),
        retryAttempts: 0,
      });
      try {
        const answers = socket.iterate({ query: print(document), variables });
        for await (const answer of answers) yield dataOf(answer as Answer<never>);
      } catch (error) {
        throw whyItEnded(error);
      } finally {
        await socket.dispose();
      }
    },
  };
}

async function post<T>(url: string, headers: Record<string, string>, body: string): Promise<T> {
  try {
    const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    if (response.status >= 500) throw new TryAgain(`the graph answered with HTTP ${response.status}`);
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof TryAgain) throw error;
    // No answer does not mean that nothing happened: only the same key makes it safe to ask again.
    throw new TryAgain(`no answer from ${url}: ${(error as Error).message}`);
  }
}

function dataOf<Data>({ data, errors = [] }: Answer<Data>): Data {
  if (errors.length > 0) throw fromErrors(errors);
  if (!data) throw new Refused('The graph answered nothing.');
  return data;
}

function fromErrors(errors: readonly GraphError[]): Error {
  const passing = errors.find(({ extensions }) => PASSING.includes(extensions?.code ?? ''));
  if (passing) return new TryAgain(passing.message, passing.extensions?.retryAfterSeconds);
  return new Refused(errors.map(({ message }) => message).join('\n'));
}

/** A subscription fails with the errors of the graph, or with the event that closed its connection. */
function whyItEnded(error: unknown): Error {
  if (error instanceof TryAgain || error instanceof Refused) return error;
  if (Array.isArray(error)) return fromErrors(error as GraphError[]);
  const { code = 0, reason = '' } = error as Partial<CloseEvent>;
  if (FATAL_CLOSE_CODES.includes(code)) return new Refused(`The connection was refused: ${code} ${reason}`);
  return new TryAgain(`the connection was lost (${code || 'no code'})`);
}
