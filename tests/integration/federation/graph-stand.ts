import { graphql, type GraphQLFormattedError } from 'graphql';
import { loadConfig } from '../../../src/config.js';
import type { Identity } from '../../../src/auth/viewer.js';
import { policiesOf } from '../../../src/policies/policies.js';
import { createBookingLists } from '../../../src/queries/booking-lists.js';
import { createBookingReads } from '../../../src/queries/booking-reads.js';
import { createCourseSales } from '../../../src/queries/course-sales.js';
import { createLiveSessions } from '../../../src/queries/live-sessions.js';
import { createOperatorLists } from '../../../src/queries/operators.js';
import { createOrderLists } from '../../../src/queries/order-lists.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { createOwnership } from '../../../src/queries/ownership.js';
import { createSuspiciousPayments } from '../../../src/queries/payment/suspicious-payments.js';
import { ordersSubgraph } from '../../../src/resolvers/index.js';
import { createLoaders, type LoaderSources } from '../../../src/resolvers/loaders.js';
import { Context, type Services } from '../../../src/schema/context.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

/** What the router asks for by reference. */
export interface Representation {
  readonly __typename: string;
  readonly id: string;
}

/** Entities as loose as parsed JSON, and the statements that they cost. */
export interface Entities {
  readonly entities: ReturnType<typeof JSON.parse>[];
  readonly errors: readonly GraphQLFormattedError[];
  readonly statements: number;
}

/** Data as loose as parsed JSON, and the statements that it costs. */
export interface Answer {
  readonly data: ReturnType<typeof JSON.parse>;
  readonly errors: readonly GraphQLFormattedError[];
  readonly statements: number;
}

/** The real schema over a database of its own, with nothing beside it that reads or writes. */
export interface GraphStand extends OrderStand {
  /** Asks an operation. @param who a name, `operator`, or null for nobody */
  ask(who: string | null, query: string): Promise<Answer>;
  /** Asks as the router does. @param who a name, `operator`, or null for nobody */
  entities(who: string | null, representations: readonly Representation[], selection: string): Promise<Entities>;
}

const QUERY = (selection: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ${selection} } }`;

/** Who a name of a test is. */
function identityOf(who: string | null): Identity {
  if (who === null) return { is: 'anonymous' };
  const expiresAt = new Date(Date.now() + 3_600_000);
  return { is: 'viewer', viewer: { userId: idOf(who), roles: [], isOperator: who === 'operator', expiresAt } };
}

export async function openGraphStand(): Promise<GraphStand> {
  const stand = await openOrderStand();
  const { schema } = ordersSubgraph();
  const services = servicesOf(stand);
  const ask = async (who: string | null, source: string, variableValues = {}): Promise<Answer> => {
    stand.proxy.takeStatements();
    const contextValue = new Context(services, identityOf(who), null, 'a test');
    const { data, errors = [] } = await graphql({ schema, source, variableValues, contextValue });
    const statements = stand.proxy.takeStatements().length;
    return { data, errors: errors.map((error) => error.toJSON()), statements };
  };
  return {
    ...stand,
    ask: (who, query) => ask(who, query),
    async entities(who, representations, selection) {
      const { data, ...rest } = await ask(who, QUERY(selection), { of: representations });
      return { entities: data?.['_entities'] ?? [], ...rest };
    },
  };
}

/** What reading needs. */
function servicesOf({ orm, fork, neighbours, clock }: OrderStand): Services {
  const [reads, bookingReads] = [createOrderReads(orm, fork), createBookingReads(orm, fork)];
  const sources: LoaderSources = {
    reads,
    bookingReads,
    lists: createOrderLists(fork, reads),
    bookingLists: createBookingLists(fork, bookingReads),
    ownership: createOwnership(fork, reads),
    sessions: createLiveSessions(fork, neighbours.sessions),
    courseSales: createCourseSales(fork, neighbours.courses),
  };
  const reading: Partial<Services> = {
    ...sources,
    operatorLists: createOperatorLists(orm, fork),
    suspiciousPayments: createSuspiciousPayments(orm, fork),
    policies: policiesOf(loadConfig({})),
    clock,
    newLoaders: (viewer) => createLoaders(sources, viewer),
  };
  return reading as Services;
}
