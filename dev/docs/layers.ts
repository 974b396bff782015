import { createRequire } from 'node:module';
import { code, table } from './markdown.js';

interface Rule {
  readonly name: string;
  readonly comment: string;
}

const SAYS = /^(?<from>\S+) may use: (?<uses>.*)$/;

/** Which part of src may use which, as .dependency-cruiser.cjs says; beside itself and observability. */
export function layerTable(): string {
  const require = createRequire(import.meta.url);
  const { forbidden } = require('../../.dependency-cruiser.cjs') as { readonly forbidden: readonly Rule[] };
  const rows = forbidden
    .filter(({ name }) => name.startsWith('layer: '))
    .map(({ comment }) => {
      const { from = '', uses = '' } = SAYS.exec(comment)?.groups ?? {};
      const others = uses
        .split(', ')
        .filter((use) => ![`${from}/`, from, 'observability/', 'types of config.ts'].includes(use));
      return [nameOf(from), others.map(shown).join(', ') || 'nothing else'];
    });
  return table(['part of src', 'may use, beside itself and `observability`'], rows);
}

/** "all but those before it" is no name. */
const nameOf = (from: string) =>
  from.includes('(?!') ? `the rest of ${code(from.replace(/\/\(\?!.*/, ''))}` : code(from);

const shown = (use: string) =>
  use.startsWith('types of ') ? `types of ${code(use.slice('types of '.length))}` : code(use);
