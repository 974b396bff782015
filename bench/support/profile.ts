import { Session, type Profiler } from 'node:inspector/promises';
import { printTable } from './report.js';

const INTERVAL_MICROS = 500;

/** Where processor time went, by package or folder, largest first, in shares of 1. */
export type Shares = readonly (readonly [place: string, share: number])[];

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

/** Prints the largest shares and the rest. */
export function printShares(title: string, shares: Shares, most = 12): void {
  const shown = shares.slice(0, most);
  const rest = shares.slice(most).reduce((sum, [, share]) => sum + share, 0);
  const rows = [...shown, ['the rest', rest] as const].map(([place, share]) => [place, `${(share * 100).toFixed(0)}%`]);
  printTable([[title, 'share'], ...rows]);
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const placeOfNode = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame.functionName, callFrame.url)]));
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    const place = placeOfNode.get(id) ?? 'unknown';
    times.set(place, (times.get(place) ?? 0) + (timeDeltas[i] ?? 0));
  });
  times.delete('(idle)');
  const busy = [...times.values()].reduce((a, b) => a + b, 0);
  return [...times].map(([place, time]): [string, number] => [place, time / busy]).sort(([, a], [, b]) => b - a);
}

/** The package, the folder of src or bench, `node:` for Node's own code, or what V8 calls it, such as `(garbage collector)`. */
function placeOf(functionName: string, url: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inPackage) return inPackage;
  const ours = /\/((?:src|bench|tests|dev)\/[^/]+)/.exec(url)?.[1];
  if (ours) return ours;
  if (url.startsWith('node:')) return url.replace(/^node:internal\//, 'node:').replace(/(node:[^/]+).*/, '$1');
  return functionName === '(program)' ? 'outside JavaScript (system calls, hashing)' : functionName || 'unknown';
}
