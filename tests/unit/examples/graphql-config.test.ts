import { globSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { concatAST, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { loadConfigSync, type GraphQLProjectConfig } from 'graphql-config';
import { readDocument, root } from '../../support/documents/documents.js';

const FENCE = /^ *```graphql\n([^]*?)^ *```$/gm;
const { projects } = loadConfigSync({ rootDir: root });
const { docs } = projects as Record<'docs', GraphQLProjectConfig>;
const docsSchema = docs.getSchemaSync();

const messages = (schema: GraphQLSchema, document: DocumentNode) =>
  validate(schema, document).map(({ message }) => message);

/** The operations between fences of a project's documents, by where they are. */
function fences({ include }: GraphQLProjectConfig): [string, string][] {
  const documents = globSync(include as string[], { cwd: root });
  return documents.flatMap((document) =>
    [...readDocument(document).matchAll(FENCE)].map(([, text = ''], index): [string, string] => [
      `${document}, operation ${index + 1}`,
      text,
    ]),
  );
}

describe('given an editor that reads .graphqlrc.yml', () => {
  it('then it knows where operations are written', () => {
    expect(Object.keys(projects)).toEqual(['web', 'node', 'explorer', 'docs']);
  });

  it.each(Object.entries(projects).filter(([, { documents }]) => documents))(
    'when it opens the project %s, then every document fits its schema',
    async (_name, project) => {
      const documents = (await project.getDocuments()).flatMap(({ document }) => (document ? [document] : []));
      expect(documents.length).toBeGreaterThan(0);
      // Fragments are used across files.
      expect(messages(await project.getSchema(), concatAST(documents))).toEqual([]);
    },
  );

  it.each(fences(docs))('when it opens %s, then it fits', (_where, text) => {
    expect(messages(docsSchema, parse(text))).toEqual([]);
  });
});
