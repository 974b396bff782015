import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { hasSymbol } from '../../../dev/docs/line-links.js';
import { slug } from '../../../dev/docs/markdown.js';
import { readDocument, root } from './documents.js';

/** A link of a document that leads to a file of the project, or into one. */
export interface Link {
  readonly document: string;
  readonly text: string;
  readonly target: string;
}

const FENCED = /^ *```[^]*?^ *```$/gm;
/** A text with brackets of its own is not told: only its end is found. */
const LINK = /(?:\[(?<text>[^[\]]*)\]|\])\((?<target>[^()\s]+)\)/g;
const OF_THE_WEB = /^[a-z]+:/;
const IN_CODE = /`([^`\n]+)`/g;
const A_PATH = /^(?:src|dev|docs|tests|examples|deploy|bench|migrations|proto|\.ci)\/[\w./*-]*$/;

/** What of a document leads somewhere: links outside of shown code, to files and headings. */
export function linksOf(document: string): Link[] {
  return linksIn(document, readDocument(document));
}

/** The same for a text, as if the document were it. */
export function linksIn(document: string, whole: string): Link[] {
  const text = whole.replace(FENCED, '');
  return [...text.matchAll(LINK)]
    .map(({ groups = {} }) => ({ document, text: groups.text ?? '', target: groups.target ?? '' }))
    .filter(({ target }) => !OF_THE_WEB.test(target));
}

/** Paths of the project that a document names as code; folders and patterns too. */
export function pathsNamedIn(document: string): string[] {
  const text = readDocument(document).replace(FENCED, '');
  return [...text.matchAll(IN_CODE)].map(([, code = '']) => code).filter((code) => A_PATH.test(code));
}

/** Why a link leads nowhere; nothing where it leads somewhere. */
export function problemOf({ document, text, target }: Link): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : normalize(join(dirname(document), decodeURIComponent(path)));
  const problem = file.startsWith('..') || !existsSync(join(root, file)) ? 'no such file' : inFile(file, text, anchor);
  return problem && `${document}: [${text}](${target}): ${problem}`;
}

function inFile(file: string, text: string, anchor: string | undefined): string | undefined {
  if (anchor === undefined) return undefined;
  const line = /^L(\d+)$/.exec(anchor)?.[1];
  if (line) return atLine(readFileSync(join(root, file), 'utf8').split('\n')[Number(line) - 1], text);
  return file.endsWith('.md') && anchorsOf(readDocument(file)).has(anchor) ? undefined : 'no such heading';
}

/** A line that moved is not found any more, because the link names what must stand in it. */
function atLine(line: string | undefined, text: string): string | undefined {
  const symbols = [...text.matchAll(IN_CODE)].map(([, symbol = '']) => symbol);
  if (symbols.length === 0) return 'names nothing in backticks that must stand in the line';
  const missing = symbols.filter((symbol) => !hasSymbol(line ?? '', symbol));
  return missing.length ? `the line has no ${missing.join(', ')}` : undefined;
}

/** Headings as GitHub addresses them: the second of a name ends with -1. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(FENCED, '').matchAll(/^#{1,6} +(.+)$/gm)) {
    const name = slug(heading);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    anchors.add(before ? `${name}-${before}` : name);
  }
  return anchors;
}
