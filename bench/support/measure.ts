import { processorMs } from './processor-time.js';

/** What a number of callers got done in a time. */
export interface Measured {
  readonly perSecond: number;
  /** Time of one call, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of this process for one call, µs. */
  readonly ownMicros: number;
  /** Processor time of the database for one call, µs; NaN where the system does not tell. */
  readonly databaseMicros: number;
}

/** Lets `callers` call again and again, each when its last call has been answered, until `ms` have passed. */
export async function measure(
  work: () => Promise<unknown>,
  { callers, ms, databasePid }: { callers: number; ms: number; databasePid?: number },
): Promise<Measured> {
  const times: number[] = [];
  const [began, own, database] = [performance.now(), process.cpuUsage(), processorMs(databasePid)];
  const call = async () => {
    while (performance.now() - began < ms) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(own);
  return {
    perSecond: times.length / seconds,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    ownMicros: (user + system) / times.length,
    databaseMicros: ((processorMs(databasePid) - database) * 1_000) / times.length,
  };
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
