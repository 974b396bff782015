import { existsSync, readFileSync } from 'node:fs';

/** An operation that the explorer opens with. */
export interface ExplorerOperation {
  readonly name: string;
  /** Whose token it is run with. */
  readonly as: 'buyer' | 'operator';
  readonly query: string;
  /** With placeholders in place of what only the running product knows; null where it takes none. */
  readonly variables: object | null;
}

/** What stands for each placeholder. */
export interface Known {
  readonly $course: string;
  readonly $session: string;
  readonly $order: string;
  readonly $year: number;
}

/** As the tabs stand from left to right. */
const NAMES = ['browse', 'place', 'pay', 'follow', 'my-orders', 'book', 'operator'] as const;

/** The operations of this folder's operations/, in the order of their tabs. */
export function readOperations(): ExplorerOperation[] {
  return NAMES.map((name) => ({
    name,
    as: name === 'operator' ? 'operator' : 'buyer',
    query: readFileSync(fileOf(name, 'graphql'), 'utf8'),
    variables: variablesOf(name),
  }));
}

function variablesOf(name: string): object | null {
  const file = fileOf(name, 'json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : null;
}

const fileOf = (name: string, kind: string) => new URL(`operations/${name}.${kind}`, import.meta.url);

/** Variables in which every placeholder has given way to what it stands for. */
export function fillIn(variables: object, known: Known): object {
  const text = JSON.stringify(variables);
  return JSON.parse(text, (_key, value: unknown) => (isPlaceholder(value, known) ? known[value] : value)) as object;
}

function isPlaceholder(value: unknown, known: Known): value is keyof Known {
  return typeof value === 'string' && Object.hasOwn(known, value);
}
