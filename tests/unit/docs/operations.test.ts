import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { allDocuments, readDocument } from '../../support/documents/documents.js';

const BLOCK = /^```graphql\n([^]*?)^```$/gm;

const schema = buildSchema(readDocument('examples/graph.graphql'));
const operations = allDocuments().flatMap((document) =>
  [...readDocument(document).matchAll(BLOCK)].map(([, text = '']) => ({ document, text })),
);

test('every operation of every document is one that clients may ask', () => {
  expect(operations.length).toBeGreaterThan(50);
  const wrong = operations.flatMap(({ document, text }) =>
    validate(schema, parse(text)).map(({ message }) => `${document}: ${message}`),
  );
  expect(wrong).toEqual([]);
});
