import { format, resolveConfig } from 'prettier';
import { pathOf } from './documents.js';

/** A text as the formatter would leave it, so that the two never disagree. */
export async function formatted(name: string, text: string): Promise<string> {
  const path = pathOf(name);
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
