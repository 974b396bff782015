import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const hasProc = existsSync('/proc/self/stat');

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch (error) {
    // ps ends with 1 when there is no such process; anything else must be seen.
    if ((error as { status?: number }).status === 1) return undefined;
    throw error;
  }
}

function proc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** When a process started, as text that tells it from a later one with the same id; undefined when it is gone. */
export function startOf(pid: number): string | undefined {
  if (!hasProc) return ps(pid, 'lstart') || undefined;
  // The name in parentheses may hold anything: fields are counted after its end. State is the first of them.
  const fields = proc(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  return fields && fields[0] !== 'Z' ? fields[19] : undefined;
}

/** The command line of a process, its arguments separated by blanks; undefined when it is gone. */
export function commandOf(pid: number): string | undefined {
  return hasProc ? proc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() : ps(pid, 'command');
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until a process is gone. @returns false when it is still there after limitMs */
export async function untilGone(pid: number, limitMs: number): Promise<boolean> {
  const until = Date.now() + limitMs;
  while (startOf(pid) !== undefined) {
    if (Date.now() > until) return false;
    await pause(20);
  }
  return true;
}
