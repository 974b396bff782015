import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allDocuments, readDocument, root } from '../../support/documents/documents.js';
import { shellBlocks, type ShellBlock } from '../../support/documents/shell-blocks.js';

const documents = allDocuments();
const blocks = documents.flatMap(shellBlocks);
/** The npm scripts of a folder. */
function scriptsOf(folder: string): Readonly<Record<string, string>> {
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { scripts: Record<string, string> }).scripts;
}

const NPM_RUN = /\bnpm run (?:--silent |-s )?([a-z][\w:-]*)(?: --workspace (\S+))?/g;

const placeOf = ({ document, line }: ShellBlock) => `${document}:${line}`;

/** The commands of a block that begin with npm, without what follows them on their line. */
const npmCommands = ({ script }: ShellBlock) =>
  [...script.matchAll(/\bnpm (?:ci|start|test|run [^#\n&|]+)/g)].map(([command]) => command.trim());

/** True where the file speaks of the document, or has each of the commands itself. */
function runs(file: string, block: ShellBlock): boolean {
  const text = readFileSync(join(root, file), 'utf8');
  const commands = npmCommands(block);
  return text.includes(block.document) || (commands.length > 0 && commands.every((one) => text.includes(one)));
}

describe('commands in documents', () => {
  test('say who runs them, or why nobody does', () => {
    expect(blocks.length).toBeGreaterThan(10);
    expect(blocks.filter(({ runBy, notRun }) => !runBy && !notRun).map(placeOf)).toEqual([]);
  });

  test('name a file that exists and runs them', () => {
    const lies = blocks.filter(({ runBy }) => runBy && !existsSync(join(root, runBy)));
    expect(lies.map(placeOf)).toEqual([]);
    const untrue = blocks.filter((block) => block.runBy && !runs(block.runBy, block));
    expect(untrue.map(placeOf)).toEqual([]);
  });

  test.each(documents)('and %s names only npm scripts that there are', (document) => {
    const named = [...readDocument(document).matchAll(NPM_RUN)];
    const unknown = named
      .map(([, name = '', folder = '.']) => ({ name, folder }))
      .filter(({ name, folder }) => !(name in scriptsOf(folder)));
    expect(unknown).toEqual([]);
  });
});
