import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '../../..');

/** The text of a file of the repository. */
export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

export const readJson = <T>(path: string): T => JSON.parse(readText(path)) as T;

/** A YAML file whose `${NAME}` and `${NAME:-default}` have become what `env` says. @throws Error where a name is unset */
export function readYaml<T>(path: string, env: Readonly<Record<string, string>> = {}): T {
  return parse(readText(path), (_key, value: unknown) => (typeof value === 'string' ? expand(value, env) : value), {
    merge: true,
  }) as T;
}

function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(?:env\.)?(\w+)(?::-([^}]*))?\}/g, (_match, name: string, fallback?: string) => {
    const value = env[name] ?? fallback;
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  });
}
