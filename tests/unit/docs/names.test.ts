import { globSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createMetrics } from '../../../src/observability/metrics.js';
import { allDocuments, readDocument, root } from '../../support/documents/documents.js';

const CODE = ['schema.graphql', '{src,dev,tests,deploy}/**/*.{ts,mjs,yaml,yml}', 'examples/*/src/**/*.ts'];
/** Settings, codes, values of enums. */
const IN_CAPITALS = /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g;
/** What Apollo Router answers by itself. */
const OF_OTHERS = new Set(['SUBSCRIPTION_DISABLED']);
const METRIC = /\border_service_[a-z_]+[a-z]\b/g;

const code = globSync(CODE, { cwd: root, exclude: ['**/node_modules', '**/dist', 'tests/unit/docs'] })
  .map(readDocument)
  .join('\n');
const words = new Set(code.split(/[^A-Z0-9_]+/));
const metrics = new Set(
  createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name),
);

describe.each(allDocuments())('%s', (document) => {
  const text = readDocument(document);

  test('names settings, codes and values that the code has', () => {
    const named = [...text.matchAll(IN_CAPITALS)].map(([, name = '']) => name);
    expect(named.filter((name) => !words.has(name) && !OF_OTHERS.has(name))).toEqual([]);
  });

  test('names metrics that are measured', () => {
    const named = [...text.matchAll(METRIC)].map(([name]) => name);
    expect(named.filter((name) => !metrics.has(name))).toEqual([]);
  });
});
