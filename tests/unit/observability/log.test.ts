import { describe, expect, test } from '@jest/globals';
import { correlationId, withCorrelationId } from '../../../src/observability/correlation.js';
import { createLogger } from '../../../src/observability/log.js';

/** A logger and the lines it wrote. */
function recording() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: createLogger('debug', { write }), lines };
}

describe('the correlation id', () => {
  test('is known to everything that a request causes, also later, and to nothing else', async () => {
    const seen: (string | null)[] = [];
    const work = async (id: string) =>
      withCorrelationId(id, async () => {
        seen.push(correlationId());
        await new Promise(setImmediate);
        await new Promise<void>((resolve) => {
          setTimeout(() => {
            seen.push(`timer ${correlationId()}`);
            resolve();
          }, 0);
        });
        seen.push(correlationId());
      });
    await Promise.all([work('a'), work('b')]);
    expect(seen.sort()).toEqual(['a', 'a', 'b', 'b', 'timer a', 'timer b']);
    expect(correlationId()).toBeNull();
  });

  test('is in every line of the log, where there is one', () => {
    const { log, lines } = recording();
    log.info('before');
    withCorrelationId('request-7', () => log.child({ part: 'relay' }).warn('inside'));
    expect(lines.map(({ msg, correlationId: id, service }) => [msg, id, service])).toEqual([
      ['before', undefined, 'order-service'],
      ['inside', 'request-7', 'order-service'],
    ]);
  });
});

describe('redaction', () => {
  const secrets = {
    authorization: 'Bearer abc',
    token: 'abc',
    password: 'abc',
    secret: 'abc',
    email: 'asha@example.com',
    payload: { email: 'asha@example.com' },
    value: '{"email":"asha@example.com"}',
    connectionParams: { Authorization: 'Bearer abc' },
  };

  test.each([
    ['at the top', secrets],
    ['one level down', { user: secrets }],
    ['two levels down', { req: { headers: secrets } }],
  ])('tokens, secrets, addresses and payloads are never written: %s', (_, fields) => {
    const { log, lines } = recording();
    log.info(fields, 'a line');
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/abc|asha/);
    expect(text.match(/\(redacted\)/g)).toHaveLength(Object.keys(secrets).length);
  });

  test('the rest of a line stays readable', () => {
    const { log, lines } = recording();
    log.error({ err: new Error('no answer'), orderId: 'o1', user: { id: 'u1', email: 'asha@example.com' } }, 'failed');
    expect(lines[0]).toMatchObject({
      msg: 'failed',
      orderId: 'o1',
      user: { id: 'u1', email: '(redacted)' },
      err: { message: 'no answer' },
    });
  });
});
