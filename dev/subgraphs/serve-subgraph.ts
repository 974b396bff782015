import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import type { BaseContext } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import type { FastifyRequest } from 'fastify';
import { parse } from 'graphql';
import type { Log } from '../neighbours/log.js';

export interface SubgraphOptions<Context extends BaseContext> {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly sdl: string;
  readonly resolvers: GraphQLResolverMap<Context>;
  /** Made for every operation. */
  readonly context: (request: FastifyRequest) => Context;
  readonly log: Log;
}

export interface RunningSubgraph {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves one subgraph at /graphql. */
export async function serveSubgraph<Context extends BaseContext>(
  options: SubgraphOptions<Context>,
): Promise<RunningSubgraph> {
  const { host, port, sdl, resolvers, context, log } = options;
  const app = fastify({ forceCloseConnections: true });
  const line = (level: string) => (message: unknown) => {
    log({ level, message: String(message) });
  };
  const apollo = new ApolloServer<Context>({
    schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as GraphQLResolverMap }]),
    logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    introspection: true,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    plugins: [fastifyApolloDrainPlugin(app), ApolloServerPluginLandingPageDisabled()],
  });
  await apollo.start();
  app.route({
    url: '/graphql',
    method: ['GET', 'POST', 'OPTIONS'],
    handler: fastifyApolloHandler(apollo, { context: async (request) => context(request) }),
  });
  await app.listen({ host, port });
  const bound = app.server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound.port}/graphql`,
    stop: async () => {
      await apollo.stop();
      await app.close();
    },
  };
}
