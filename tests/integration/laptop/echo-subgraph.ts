import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { GatewaySubgraph } from '../../../dev/gateway/compose.js';

const sdl = (name: string) => /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query {
    ${name}Header(name: String!): String
    ${name}Fails: String
  }
  type Subscription {
    ${name}Ticks(count: Int!): String!
  }
`;

interface Context {
  readonly headers: IncomingHttpHeaders;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}

export interface EchoSubgraph extends GatewaySubgraph {
  stop(): Promise<void>;
}

/** A subgraph that answers with the headers it got, and streams the token its socket was opened with. */
export async function startEchoSubgraph(name: string): Promise<EchoSubgraph> {
  const schema = echoSchema(name);
  const answerRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const { query, variables } = JSON.parse(await text(request)) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    const context: Context = { headers: request.headers };
    const answer = await graphql({ schema, source: query, variableValues: variables, contextValue: context });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  };
  const server = createServer((request, response) => void answerRequest(request, response));
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const serving = useServer({ schema, context: ({ connectionParams }) => ({ connectionParams }) }, sockets);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    name,
    sdl: sdl(name),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    stop: async () => {
      await serving.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function echoSchema(name: string): GraphQLSchema {
  const resolvers = {
    Query: {
      [`${name}Header`]: (_: unknown, args: { name: string }, { headers }: Context) => headers[args.name] ?? null,
      [`${name}Fails`]: () => {
        throw new Error('refused');
      },
    },
    Subscription: {
      [`${name}Ticks`]: {
        subscribe: async function* (_: unknown, { count }: { count: number }, { connectionParams }: Context) {
          for (let n = 0; n < count; n++) yield { [`${name}Ticks`]: `${n} ${String(connectionParams?.Authorization)}` };
        },
      },
    },
  };
  return buildSubgraphSchema([{ typeDefs: parse(sdl(name)), resolvers }]);
}
