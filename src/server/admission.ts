import { GraphQLError, OperationTypeNode, type GraphQLSchema } from 'graphql';
import type { Config } from '../config.js';
import type { Context } from '../schema/context.js';
import type { OperationToRun } from './cost.js';
import { createLimits, rootFieldsOf } from './limits.js';
import type { RateLimit } from './rate-limit.js';

/**
 * Decides before an operation runs whether it may: the same for HTTP and WebSocket.
 * @throws GraphQLError OPERATION_TOO_COMPLEX or RATE_LIMITED
 */
export type Admit = (operation: OperationToRun, context: Context) => Promise<void>;

/** Makes the gate in front of every valid operation. */
export function createAdmit(schema: GraphQLSchema, config: Config, rateLimit: RateLimit): Admit {
  const refuse = createLimits(schema, config);
  return async (operation, { identity }) => {
    const refusal = refuse(operation);
    if (refusal) throw refusal;
    // Who is nobody cannot change anything.
    if (operation.operation.operation !== OperationTypeNode.MUTATION || identity.is !== 'viewer') return;
    const seconds = await rateLimit.take(identity.viewer.userId, rootFieldsOf(operation).length);
    if (seconds !== undefined) throw rateLimited(seconds);
  };
}

function rateLimited(retryAfterSeconds: number): GraphQLError {
  const message = `Too many changes in a short time; please try again in ${retryAfterSeconds} s.`;
  // Gateways hand on what comes with status 200; of a 429 some make an error of their own.
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED', retryAfterSeconds, http: { status: 200 } } });
}
