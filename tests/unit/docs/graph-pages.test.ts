import { describe, expect, test } from '@jest/globals';
import { buildASTSchema, isObjectType, parse } from 'graphql';
import { readText } from '../deploy/files.js';

const FOLDER = 'docs/graph';
const index = readText(`${FOLDER}/README.md`);
const schema = buildASTSchema(parse(readText('schema.graphql')), { assumeValid: true, assumeValidSDL: true });

/** The pages of the index with the operations that they tell. */
const pages = [...index.matchAll(/^\| \[(?<page>[\w-]+\.md)\].*\| (?<operations>[^|]+) \|$/gm)].map(
  ({ groups = {} }) => ({
    page: groups.page ?? '',
    operations: [...(groups.operations ?? '').matchAll(/`(?:\w+\.)?(\w+)`/g)].map(([, name = '']) => name),
  }),
);

const operations = ['Query', 'Mutation', 'Subscription'].flatMap((name) => {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.keys(type.getFields()) : [];
});

describe('docs/graph/README.md', () => {
  test.each(pages)('says of $page what it tells', ({ page, operations: told }) => {
    const text = readText(`${FOLDER}/${page}`);
    expect(told.filter((name) => !new RegExp(`\\b${name}\\b[ ({]`).test(text))).toEqual([]);
  });

  test('names every operation, told or not', () => {
    expect(pages.length).toBeGreaterThan(9);
    expect(operations.filter((name) => !index.includes(`\`${name}\``))).toEqual([]);
  });
});
