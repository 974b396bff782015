import { Session, type Profiler } from 'node:inspector/promises';
import { printTable } from './report.js';

const INTERVAL_MICROS = 500;

/** What a part of the code is there for, by the package or the folder that it lies in. The first that fits counts. */
const AREAS: readonly (readonly [area: string, code: RegExp])[] = [
  ['the profiler', /\/bench\/|^node:inspector/],
  [
    'calls of the neighbours (gRPC)',
    /\/(@grpc|nice-grpc[^/]*|@bufbuild|cockatiel)\/|src\/(platform|generated)\/|^node:internal\/http2/,
  ],
  ['unit of work, SQL (MikroORM, pg)', /\/(@mikro-orm|kysely|pg|pg-[^/]+|dataloader)\/|src\/persistence\//],
  ['access tokens (jose)', /\/jose\/|src\/auth\//],
  [
    'HTTP, GraphQL (Fastify, Apollo)',
    /\/(@?fastify[^/]*|@apollo|@as-integrations|graphql|type-graphql)\/|src\/(server|schema|resolvers)\//,
  ],
  ['other packages', /\/node_modules\//],
  ['commands, entities, relay, sagas', /\/src\//],
];

/** Where processor time went, largest first, in shares of 1. */
export type Shares = readonly (readonly [area: string, share: number])[];

/** Begins to watch where the processor time of this process goes. @returns ends it and tells */
export async function startProfile(): Promise<() => Promise<Shares>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROS });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return sharesOf(profile);
  };
}

/** Prints what each area takes of a whole, such as the processor time of one call in µs. */
export function printShares(title: string, shares: Shares, whole: number): void {
  const rows = shares.map(([area, share]) => [area, `${(share * 100).toFixed(0)}%`, (share * whole).toFixed(0)]);
  printTable([[title, 'share', 'µs'], ...rows]);
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const areaOfNode = areasOf(nodes);
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    const area = areaOfNode.get(id) ?? 'unknown';
    times.set(area, (times.get(area) ?? 0) + (timeDeltas[i] ?? 0));
  });
  times.delete('(idle)');
  times.delete('the profiler');
  const busy = [...times.values()].reduce((a, b) => a + b, 0);
  return [...times].map(([area, time]) => [area, time / busy] as const).sort(([, a], [, b]) => b - a);
}

/** Each node's area: that of the innermost code on its stack that has one, so that what Node does counts for its caller. */
function areasOf(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, string> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const areaFrom = (id: number | undefined): string => {
    const node = id === undefined ? undefined : byId.get(id);
    if (!node) return 'Node itself';
    const { url, functionName } = node.callFrame;
    if (functionName === '(idle)' || functionName === '(garbage collector)') return functionName;
    return AREAS.find(([, code]) => code.test(url))?.[0] ?? areaFrom(parents.get(node.id));
  };
  return new Map(nodes.map(({ id }) => [id, areaFrom(id)]));
}
