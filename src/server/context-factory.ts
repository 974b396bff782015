import { v7 as uuidv7 } from 'uuid';
import type { Authenticate } from '../auth/tokens.js';
import { readCorrelationId } from '../observability/correlation.js';
import { Context, type Services } from '../schema/context.js';

/** What a request or a WebSocket's connection_init brings along, by lower-case name. */
export type Carried = Readonly<Record<string, string | undefined>>;

/** Takes a caller's correlation id where it is harmless, else makes one. */
export function correlationIdOf(carried: Carried): string {
  return readCorrelationId(carried['x-correlation-id'] ?? carried['x-request-id']) ?? uuidv7();
}

/** Makes the context of one operation. Authentication never throws here: a bad token shows where it matters. */
export function createContextFactory(services: Services, authenticate: Authenticate) {
  return async (carried: Carried, correlationId: string): Promise<Context> => {
    const identity = await authenticate(carried.authorization);
    return new Context(services, identity, carried['idempotency-key'] ?? null, correlationId);
  };
}

export type ContextFactory = ReturnType<typeof createContextFactory>;
