import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { fillIn, readOperations } from '../../../dev/explorer/operations.js';

const FOLDER = new URL('../../../dev/explorer/operations/', import.meta.url);
const schema = buildSchema(readFileSync(new URL('../../../examples/graph.graphql', import.meta.url), 'utf8'));
const operations = readOperations();
const known = { $course: 'a course', $session: 'a session', $order: 'an order', $year: 2026 };

describe('given the operations that the explorer opens with', () => {
  it('then every file of the folder is one of them', () => {
    const files = operations.flatMap(({ name, variables }) => [
      `${name}.graphql`,
      ...(variables ? [`${name}.json`] : []),
    ]);
    expect(files.sort()).toEqual(readdirSync(FOLDER).sort());
  });

  it.each(operations.map((each) => [each.name, each] as const))(
    'when %s is run as it stands, then the graph knows its fields and takes its variables',
    (_name, { query, variables }) => {
      const document = parse(query);
      const definitions = getOperationAST(document)?.variableDefinitions ?? [];
      expect(validate(schema, document)).toEqual([]);
      const given = fillIn(variables ?? {}, known);
      expect(JSON.stringify(given)).not.toContain('"$');
      expect(getVariableValues(schema, definitions, { ...given }).errors).toBeUndefined();
    },
  );
});
