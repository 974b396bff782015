import { describe, expect, test } from '@jest/globals';
import { madeOnUse } from '../../../src/resolvers/made-on-use.js';

interface Made {
  readonly greeting: { readonly text: string };
  readonly reply: string;
}

describe('an object whose properties are made on use', () => {
  const calls: string[] = [];
  const make = madeOnUse<{ readonly name: string }, Made>({
    greeting: ({ name }) => (calls.push(`greeting of ${name}`), { text: `hello ${name}` }),
    reply: (_source, { greeting }) => (calls.push('reply'), `${greeting.text}!`),
  });

  test('makes each once, when it is asked for, also for another one', () => {
    const asha = make({ name: 'Asha' });
    expect(calls).toEqual([]);
    expect([asha.reply, asha.reply]).toEqual(['hello Asha!', 'hello Asha!']);
    expect(calls).toEqual(['greeting of Asha', 'reply']);
    expect(asha.greeting).toBe(asha.greeting);
  });

  test('keeps what is of one apart from another', () => {
    const [asha, ben] = [make({ name: 'Asha' }), make({ name: 'Ben' })];
    expect([asha.greeting.text, ben.greeting.text]).toEqual(['hello Asha', 'hello Ben']);
  });
});
