import { describe, expect, test } from '@jest/globals';
import { isDatabaseAway } from '../../../src/persistence/errors.js';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('the database is away', () => {
  test.each([
    ['a refused connection', withCode('ECONNREFUSED')],
    ['a reset one', withCode('ECONNRESET')],
    ['a name that is not known now', withCode('EAI_AGAIN')],
    ['a server that shuts down', withCode('57P01')],
    ['one that has too many connections', withCode('53300')],
    ['a connection that failed', withCode('08006')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a pool whose connections are all away', new Error('timeout exceeded when trying to connect')],
    ['what another error was caused by', new Error('driver', { cause: withCode('ECONNREFUSED') })],
  ])('%s', (_, error) => {
    expect(isDatabaseAway(error)).toBe(true);
  });

  test.each([
    ['a violated constraint', withCode('23505')],
    ['a statement that took too long', withCode('57014')],
    ['a conflict', withCode('40001')],
    ['a mistake in our code', new TypeError('x is undefined')],
    ['any other error', new Error('x')],
    ['an error of GraphQL', withCode('BAD_USER_INPUT')],
    ['no error', 'ECONNREFUSED'],
  ])('not: %s', (_, error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });
});
