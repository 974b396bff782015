import { timingSafeEqual } from 'node:crypto';
import type { Carried } from './context-factory.js';

/** Whether the caller is the router: true without a configured secret. */
export function secretMatches(secret: string | undefined, carried: Carried): boolean {
  if (secret === undefined) return true;
  const [given, wanted] = [Buffer.from(carried['x-router-secret'] ?? ''), Buffer.from(secret)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
