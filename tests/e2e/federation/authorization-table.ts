import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who asks, in the order of the columns. */
export const CALLERS = ['nobody', 'expired', 'buyer', 'student', 'instructor', 'other-instructor', 'operator'] as const;

export type Caller = (typeof CALLERS)[number];
export type Expectations = Readonly<Record<Caller, string>>;

/** What the table says, by operation, entity or field. @throws Error for a row with too few or too many words, or a second one */
export function readTable(): ReadonlyMap<string, Expectations> {
  const text = readFileSync(join(import.meta.dirname, 'authorization.txt'), 'utf8');
  const lines = text.split('\n').filter((line) => line.trim() && !line.startsWith('#'));
  const rows = new Map<string, Expectations>();
  for (const line of lines) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    if (words.length !== CALLERS.length || rows.has(name)) throw new Error(`a row that cannot be read: ${line}`);
    rows.set(name, Object.fromEntries(CALLERS.map((caller, n) => [caller, words[n]])) as Expectations);
  }
  return rows;
}
