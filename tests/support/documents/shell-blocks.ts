import { readDocument } from './documents.js';

/** Commands that a document shows, and what its comment before them says of who runs them. */
export interface ShellBlock {
  readonly document: string;
  readonly line: number;
  readonly script: string;
  /** A file that runs them. */
  readonly runBy: string | undefined;
  /** Why nothing runs them. */
  readonly notRun: string | undefined;
}

const BLOCK =
  /(?:^ *<!-- (?:run by (?<runBy>\S+)|not run: (?<notRun>.+)) -->\s+)?^ *```(?:sh|bash|console|shell)\n(?<script>[^]*?)^ *```$/gm;

/** The commands of a document, in its order. */
export function shellBlocks(document: string): ShellBlock[] {
  const text = readDocument(document);
  return [...text.matchAll(BLOCK)].map(({ groups = {}, index }) => ({
    document,
    line: text.slice(0, index).split('\n').length,
    script: groups.script ?? '',
    runBy: groups.runBy,
    notRun: groups.notRun,
  }));
}
