import { processorMs } from './processor-time.js';

/** Processes beside this one whose processor time counts, by name. */
export type Processes = Readonly<Record<string, number>>;

export interface Load {
  /** How many call at once. */
  readonly callers: number;
  readonly ms: number;
  readonly processes: Processes;
}

/** What a number of callers got done in a time. */
export interface Measured {
  readonly perSecond: number;
  /** Time of one call, ms, where single calls were timed. */
  readonly p50?: number;
  readonly p99?: number;
  /** Processor time for one call, µs: of this process, and of others by name; NaN where the system does not tell. */
  readonly ownMicros: number;
  readonly micros: Readonly<Record<string, number>>;
}

/** Lets callers call again and again, each when its last call has been answered, until the time is over. */
export async function measure(work: () => Promise<unknown>, { callers, ms, processes }: Load): Promise<Measured> {
  const times: number[] = [];
  const stop = startProcessorTime(processes);
  const began = performance.now();
  const call = async () => {
    while (performance.now() - began < ms) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (performance.now() - began) / 1_000;
  return {
    perSecond: times.length / seconds,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    ...stop(times.length),
  };
}

/** Begins to count processor time. @returns ends it, shared among so many calls */
export function startProcessorTime(processes: Processes): (calls: number) => Pick<Measured, 'ownMicros' | 'micros'> {
  const own = process.cpuUsage();
  const before = Object.entries(processes).map(([name, pid]) => [name, pid, processorMs(pid)] as const);
  return (calls) => {
    const { user, system } = process.cpuUsage(own);
    const spent = before.map(([name, pid, ms]) => [name, ((processorMs(pid) - ms) * 1_000) / calls] as const);
    return { ownMicros: (user + system) / calls, micros: Object.fromEntries(spent) };
  };
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
