import { readdirSync, readFileSync } from 'node:fs';

/** Length of a kernel tick in which /proc counts, ms: 100 a second on every Linux that Node supports. */
const TICK_MS = 10;

/** Processor time of a process and its children that live, ms; NaN without /proc or without a process. */
export function processorMs(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return Number.NaN;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ticksOf(Number(name), pid))
    .reduce((sum, ticks) => sum + ticks * TICK_MS, 0);
}

/** Ticks of a process when it is the wanted one, its child, or has ended meanwhile (0). */
function ticksOf(candidate: number, wanted: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${candidate}/stat`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
  // Behind the name in parentheses: state, parent, …, user ticks (12th), system ticks (13th).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const belongs = candidate === wanted || Number(fields[1]) === wanted;
  return belongs ? Number(fields[11]) + Number(fields[12]) : 0;
}
