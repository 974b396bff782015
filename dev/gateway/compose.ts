import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

export interface GatewaySubgraph {
  readonly name: string;
  /** Of its GraphQL endpoint; subscriptions use the same address over WebSocket. */
  readonly url: string;
  readonly sdl: string;
}

/** The supergraph of several subgraphs. @throws Error with every reason why they do not fit together */
export function composeSupergraph(subgraphs: readonly GatewaySubgraph[]): string {
  const result = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
  if (result.supergraphSdl) return result.supergraphSdl;
  const reasons = (result.errors ?? []).map((error) => `  ${error.message}`);
  throw new Error(`the subgraphs do not compose:\n${reasons.join('\n')}`);
}
