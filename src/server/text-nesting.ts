import type { GraphQLError } from 'graphql';
import { tooComplex } from './too-complex.js';

/** Deeper texts are refused before they are parsed: the parser calls itself for every level. */
const MAX_NESTING = 100;

const OPEN = new Set(['{', '[', '(']);
const CLOSE = new Set(['}', ']', ')']);
/** What brackets do not count in: comments, block strings, strings; else one bracket. */
const TOKEN = /#[^\n\r]*|"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n\r])*"?|[{}[\]()]/g;

/** The refusal of a text whose brackets are nested too deeply; undefined for any other. */
export function nestingRefusal(text: string): GraphQLError | undefined {
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (OPEN.has(token)) depth += 1;
    else if (CLOSE.has(token)) depth -= 1;
    if (depth > MAX_NESTING) return tooComplex(`Nesting limit of ${MAX_NESTING} exceeded.`);
  }
  return undefined;
}
