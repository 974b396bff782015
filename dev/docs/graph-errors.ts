import { readdirSync } from 'node:fs';
import { EXPECTED_CODES } from '../../src/server/error-format.js';
import type { ErrorFacts } from './graph-reference.js';
import { readProject } from './documents.js';

const FOLDER = 'src/entities';
const REFUSAL = /class (\w+) extends UserError [^]*?super\(\s*ErrorCode\.(\w+)/g;

/** Which code each type of error has is said by its constructor alone. */
export function errorFacts(): ErrorFacts {
  const all = readdirSync(new URL(`../../${FOLDER}`, import.meta.url), { recursive: true, encoding: 'utf8' });
  const files = all.filter((name) => /(?:refusals|errors)\.ts$/.test(name)).sort();
  const pairs = files.flatMap((file) => [...readProject(`${FOLDER}/${file}`).matchAll(REFUSAL)]);
  return {
    codes: new Map(pairs.map(([, type = '', code = '']) => [type, code])),
    thrown: [...EXPECTED_CODES, 'INTERNAL_SERVER_ERROR'],
  };
}
