import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { misfits, topicsOf } from '../../support/asyncapi.js';

const SECTION = /^### (?<topic>\S+)\n[^]*?^```json\n(?<value>[^]*?)^```/gm;
const examples = [...readFileSync('docs/events.md', 'utf8').matchAll(SECTION)].map(({ groups }) => ({
  topic: groups?.topic ?? '',
  value: groups?.value ?? '',
}));

describe('docs/events.md', () => {
  test('shows a message of every topic', () => {
    const topics = [...topicsOf('send'), ...topicsOf('receive')];
    expect(examples.map(({ topic }) => topic).sort()).toEqual(topics.sort());
  });

  test.each(examples)('shows a message of $topic that fits docs/asyncapi.yaml', (example) => {
    expect(misfits([example])).toEqual([]);
  });
});
