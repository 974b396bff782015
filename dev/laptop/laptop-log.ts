import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { createLogger } from '../../src/observability/log.js';

export interface LaptopLog {
  readonly log: Logger;
  /** Where every line goes. */
  readonly file: string;
}

/**
 * Structured logs into a file; what is a warning or worse is shown on the terminal too, one short line each.
 * @param folder made when it does not exist
 */
export function openLaptopLog(folder: string, level: string, show: (line: string) => void): LaptopLog {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'laptop.log');
  // At once: a start that fails ends the process, and its last lines are the ones that matter.
  const toFile = pino.destination({ dest: file, sync: true });
  const toTerminal = { write: (line: string) => show(shortLine(line)) };
  const both = pino.multistream([
    { level: 'trace', stream: toFile },
    { level: 'warn', stream: toTerminal },
  ]);
  return { log: createLogger(level, both), file };
}

interface Line {
  readonly level: number;
  readonly msg?: string;
  readonly message?: string;
  readonly err?: { readonly message?: string };
}

function shortLine(json: string): string {
  const line = JSON.parse(json) as Line;
  const text = [line.msg ?? line.message, line.err?.message].filter(Boolean).join(': ');
  return `${line.level >= 50 ? 'error' : 'warning'}: ${text || json.trim()}`;
}

type Level = 'debug' | 'info' | 'warn' | 'error';
const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];

/** A logger for parts that say lines with a level and a message of their own. */
export function lineLog(log: Logger, part: string): (line: object) => void {
  const child = log.child({ part });
  return (line) => {
    const { level, message, msg, ...details } = line as { level?: string; message?: string; msg?: string };
    const known = (level && LEVELS.includes(level) ? level : 'info') as Level;
    child[known](details, msg ?? message);
  };
}
