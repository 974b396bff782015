import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readOperations } from '../../../dev/explorer/operations.js';
import { readDocument, root } from '../../support/documents/documents.js';

const links = [...readDocument('docs/explorer/README.md').matchAll(/\[open\]\(([^)]*)\)/g)].map(
  ([, link = '']) => new URL(link),
);

describe('given the operations of docs/explorer/README.md', () => {
  it('then they are those of the explorer', async () => {
    const check = ['dev/run.mjs', 'dev/explorer/print-collection.ts', '--check'];
    await promisify(execFile)(process.execPath, check, { cwd: root });
    expect(links).toHaveLength(readOperations().length);
  });

  it.each(readOperations().map((operation, index) => [operation.name, operation, links[index]] as const))(
    'when %s is opened in the Sandbox, then it is there with its variables and the token of who runs it',
    (_name, { query, variables, as }, link) => {
      const { endpoint, document, headers, ...rest } = Object.fromEntries(link?.searchParams ?? []);
      expect(link?.href).toMatch(/^https:\/\/studio\.apollographql\.com\/sandbox\/explorer\?/);
      expect({ endpoint, document }).toEqual({ endpoint: 'http://127.0.0.1:4000/graphql', document: query });
      expect(JSON.parse(headers ?? '')).toEqual({ authorization: `Bearer {{${as}}}` });
      expect(Object.keys(rest)).toEqual(variables ? ['variables'] : []);
      expect(Object.keys(JSON.parse(rest.variables ?? '{}'))).toEqual(Object.keys(variables ?? {}));
    },
  );
});
