import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where the repository begins. */
export const root = join(import.meta.dirname, '../../..');

const NOT_OURS = new Set(['node_modules', '.git', '.data', 'dist', 'coverage']);

/** Every document of the project, by its path from the root. */
export function allDocuments(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : allDocuments(path);
    return entry.name.endsWith('.md') ? [relative(root, path)] : [];
  });
}

/** The text of a document, by its path from the root. */
export const readDocument = (path: string): string => readFileSync(join(root, path), 'utf8');
