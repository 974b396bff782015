import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { loadConfig } from '../../../src/config.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { Context, type Services } from '../../../src/schema/context.js';
import { startHttpServer, type HttpServer } from '../../../src/server/http-server.js';
import { testLog } from '../../support/log.js';

/** An error that passes, as a database that is away for a moment. */
export class PassingError extends Error {}

export interface BareServerOptions {
  readonly schema: GraphQLSchema;
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Logger;
}

/** Loaders that load nothing, for operations that read nothing. */
const NO_SERVICES = { newLoaders: () => ({ snapshots: { plan: () => undefined } }) } as unknown as Services;

/** The server with a schema of the test, whose callers are nobody. Without a database. */
export function startBareServer({ schema, settings = {}, log = testLog() }: BareServerOptions): Promise<HttpServer> {
  return startHttpServer({
    config: loadConfig({ HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', RATE_LIMIT: 'off', ...settings }),
    schema,
    contextOf: async ({ authorization }, correlationId) => {
      if (authorization === 'broken') throw new Error('the context cannot be made: secret-detail');
      if (authorization === 'unavailable') throw new PassingError('the keys are away: secret-detail');
      if (authorization === 'refused') throw new GraphQLError('Not you.', { extensions: { code: 'UNAUTHENTICATED' } });
      return new Context(NO_SERVICES, { is: 'anonymous' }, null, correlationId);
    },
    health: { current: () => ({ ready: true, status: 'healthy', parts: {}, problems: {} }) },
    metrics: createMetrics(),
    isPassing: (error) => error instanceof PassingError,
    log,
  });
}
