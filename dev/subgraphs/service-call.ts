import { GraphQLError } from 'graphql';
import type { CompatServiceDefinition } from 'nice-grpc';
import { createChannel, createClientFactory } from 'nice-grpc';
import { deadlineMiddleware } from 'nice-grpc-client-middleware-deadline';
import type { Log } from '../neighbours/log.js';

const DEADLINE_MS = 3_000;

/** A gRPC client whose every call has a deadline of 3 s, and how to end it. */
export function connect<Definition extends CompatServiceDefinition>(definition: Definition, address: string) {
  const channel = createChannel(address);
  const factory = createClientFactory().use(deadlineMiddleware);
  const client = factory.create(definition, channel, { '*': { deadline: DEADLINE_MS } });
  return {
    client,
    close: () => {
      channel.close();
    },
  };
}

/**
 * Calls a service for a field.
 * @throws GraphQLError SERVICE_UNAVAILABLE whatever went wrong: the field is null then, and the reason is logged
 */
export async function callService<T>(service: string, log: Log, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    log({ level: 'warn', message: `subgraphs: the ${service} service does not answer`, error: String(error) });
    throw new GraphQLError(`The ${service} service is not available`, {
      extensions: { code: 'SERVICE_UNAVAILABLE', service },
    });
  }
}
