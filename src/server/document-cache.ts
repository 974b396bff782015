import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Most documents remembered, the most recently used. */
const MAX_DOCUMENTS = 1_000;
/** Most tokens in them together. A parsed token takes 250 to 500 bytes, so that a full cache stays below 25 MB. */
const MAX_TOKENS = 50_000;

/** Most characters of the texts of persisted queries together. */
const MAX_CHARACTERS = 4 * 1_024 * 1_024;

/** Valid documents by their text, or a hash of it; bounded by count and by size. */
export type DocumentCache = LRUCache<string, DocumentNode>;

export function createDocumentCache(): DocumentCache {
  return new LRUCache({ max: MAX_DOCUMENTS, maxSize: MAX_TOKENS, sizeCalculation: tokensOf });
}

/** The same, as Apollo Server's `documentStore`. */
export const createDocumentStore = () => storeOver(createDocumentCache());

/** The texts of persisted queries by their hash. */
export const createTextStore = () =>
  storeOver(new LRUCache<string, string>({ maxSize: MAX_CHARACTERS, sizeCalculation: ({ length }) => 1 + length }));

/** Apollo Server's interface of a cache, which is asynchronous. */
function storeOver<V extends DocumentNode | string>(cache: LRUCache<string, V>) {
  return {
    get: async (key: string) => cache.get(key),
    set: async (key: string, value: V) => void cache.set(key, value),
    delete: async (key: string) => cache.delete(key),
  };
}

/** The tokens of a parsed text form a list. */
function tokensOf({ loc }: DocumentNode): number {
  let count = 1;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) count++;
  return count;
}
