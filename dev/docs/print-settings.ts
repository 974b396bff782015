import type { z } from 'zod';
import { settings } from '../../src/config.js';
import { keepFiles, readProject } from './documents.js';
import { formatted } from './formatted.js';
import { code, table } from './markdown.js';
import { withPart } from './parts.js';

/** `npm run settings` writes the settings table of the README from the schema; `-- --check` fails when it differs. */
const FILE = 'README.md';

function row(name: string, schema: z.ZodType): string[] {
  const fallback = schema.safeParse(undefined);
  const value: unknown = fallback.success ? fallback.data : undefined;
  const shown = value === undefined ? '' : code(Array.isArray(value) ? value.join(',') : String(value));
  return [code(name), shown, schema.description ?? ''];
}

const rows = Object.entries(settings.shape).map(([name, schema]) => row(name, schema));
const wanted = withPart(
  readProject(FILE),
  'settings',
  'npm run settings',
  table(['variable', 'default', 'meaning'], rows),
);
keepFiles({ [FILE]: await formatted(FILE, wanted) }, 'npm run settings');
