import { dirname, join } from 'node:path';
import { readProject } from './documents.js';

/** True for a line in which a name stands, not only as a part of another. */
export const hasSymbol = (line: string, symbol: string): boolean =>
  line.split(/[^\w$]+/).includes(symbol) || (/\W/.test(symbol) && line.includes(symbol));

/** [`symbol`](path#L12) */
const LINK = /\[`(?<symbol>[^`\]]+)`\]\((?<path>[^()#\s]+)#L(?<line>\d+)\)/g;

/**
 * Lets links to lines follow what they name: to the nearest line that has it.
 * @throws Error where no line of the file has it any more
 */
export function withLines(document: string, text: string): string {
  return text.replace(LINK, (_, symbol: string, path: string, line: string) => {
    const lines = readProject(join(dirname(document), path)).split('\n');
    return `[\`${symbol}\`](${path}#L${nearest(lines, symbol, Number(line), path)})`;
  });
}

function nearest(lines: readonly string[], symbol: string, line: number, path: string): number {
  const found = lines.flatMap((text, i) => (hasSymbol(text, symbol) ? [i + 1] : []));
  const [best] = found.sort((a, b) => Math.abs(a - line) - Math.abs(b - line));
  if (best === undefined) throw new Error(`${path} has no ${symbol} any more`);
  return best;
}
