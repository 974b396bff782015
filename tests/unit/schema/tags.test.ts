import { describe, expect, test } from '@jest/globals';
import { parse, visit, type FieldDefinitionNode, type InputValueDefinitionNode } from 'graphql';
import { readText } from '../deploy/files.js';

const FOR_OPERATORS = /(?<! and) for operators( only)?\.$/;

/** The fields of the schema for which something holds, by name. */
function fieldsWhere(holds: (field: FieldDefinitionNode | InputValueDefinitionNode) => boolean): string[] {
  const found: string[] = [];
  const look = (field: FieldDefinitionNode | InputValueDefinitionNode) => {
    if (holds(field)) found.push(field.name.value);
  };
  visit(parse(readText('schema.graphql')), { FieldDefinition: look, InputValueDefinition: look });
  return found.sort();
}

const isTagged = ({ directives }: FieldDefinitionNode | InputValueDefinitionNode) =>
  (directives ?? []).some(({ name }) => name.value === 'tag');

describe('what is for operators', () => {
  test('has a tag, so that a contract of the graph can leave it out, and nothing else has', () => {
    const told = fieldsWhere(({ description }) => FOR_OPERATORS.test(description?.value ?? ''));
    expect(fieldsWhere(isTagged)).toEqual(told);
    expect(told).toEqual(
      ['approveRefund', 'by', 'orders', 'refunds', 'rejectRefund', 'retrySaga', 'revenue', 'settleRefund', 'stuckSagas']
        .concat('userId', 'suspiciousPayments', 'acceptSuspiciousPayment', 'rejectSuspiciousPayment')
        .sort(),
    );
  });
});
