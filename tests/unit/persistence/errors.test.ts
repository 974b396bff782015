import { describe, expect, test } from '@jest/globals';
import { isConnectionError, isDatabaseAway, isDataError } from '../../../src/persistence/errors.js';

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

test.each([
  ['a NUL inside a statement', withCode('08P01'), { away: false, connection: false, data: true }],
  ['a connection that failed', withCode('08006'), { away: true, connection: true, data: false }],
  ['a malformed URI in our code', new URIError('URI malformed'), { away: false, connection: false, data: false }],
  ['a syntax error in our code', new SyntaxError('x'), { away: false, connection: false, data: false }],
  ['an error of the driver without a code', new Error('x'), { away: false, connection: true, data: false }],
  ['an error of a trigger', withCode('P0001'), { away: false, connection: false, data: false }],
])('%s is classified the same everywhere', (_, error, expected) => {
  expect({
    away: isDatabaseAway(error),
    connection: isConnectionError(error),
    data: isDataError(error),
  }).toEqual(expected);
});
