import { toWellFormedText } from '../entities/shared/text.js';

/**
 * An answer of another service with every text in it storable: a NUL in one course title must not fail the orders of other
 * buyers. Answers without such text, nearly all of them, are returned as they are.
 */
export function wellFormedAnswer<T>(answer: T): T {
  return wellFormed(answer) as T;
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return toWellFormedText(value);
  if (Array.isArray(value)) return changedItems(value);
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  for (const [name, part] of Object.entries(value)) {
    const changed = wellFormed(part);
    if (changed !== part) (value as Record<string, unknown>)[name] = changed;
  }
  return value;
}

function changedItems(list: unknown[]): unknown[] {
  list.forEach((item, i) => {
    const changed = wellFormed(item);
    if (changed !== item) list[i] = changed;
  });
  return list;
}
