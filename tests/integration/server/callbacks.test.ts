import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { HttpServer } from '../../../src/server/http-server.js';
import { eventually } from '../../support/eventually.js';
import { startBareServer } from './bare-server.js';
import {
  accepted,
  FAULTS,
  startCallbackRouter,
  type CallbackCall,
  type CallbackRouter,
} from '../../support/callback-router.js';
import type { GraphAnswer } from './server-stand.js';
import { streamSchema, type OpenStreams } from './stream-schema.js';

const PROTOCOL = 'callback/1.0';
/** A call is given up after half of it. */
const REQUEST_TIMEOUT_MS = '400';

let router: CallbackRouter;
let server: HttpServer;
/** Streams that are open; `end` of one ends it. */
const streams: OpenStreams = new Set();
const problems: string[] = [];
const unhandled: unknown[] = [];
const remember = (reason: unknown) => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', remember);
  router = await startCallbackRouter();
  const log = pino({ level: 'error' }, { write: (line: string) => void problems.push(line) });
  const settings = { SUBSCRIPTION_CALLBACK_URLS: `${router.url}, https://other.test/base/`, REQUEST_TIMEOUT_MS };
  server = await startBareServer({ schema: streamSchema(streams), settings, log });
});
afterAll(async () => {
  for (const { end } of streams) end();
  await server.stop();
  await router.close();
  process.off('unhandledRejection', remember);
});

let id: string;
beforeEach(() => {
  id = randomUUID();
  router.answers(() => accepted);
  router.calls.length = 0;
});

async function ask(
  query: string,
  subscription: object,
): Promise<{ status: number; protocol: string | null } & GraphAnswer> {
  const extensions = { subscription: { callbackUrl: `${router.url}/${id}`, subscriptionId: id, ...subscription } };
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json;callbackSpec=1.0' },
    body: JSON.stringify({ query, extensions }),
  });
  const protocol = answer.headers.get('subscription-protocol');
  return { status: answer.status, protocol, ...((await answer.json()) as GraphAnswer) };
}

const QUIET = { verifier: 'v', heartbeatIntervalMs: 0 };
const mine = (action?: CallbackCall['action']) =>
  router.calls.filter((call) => call.id === id && (!action || call.action === action));
const ended = () => eventually(() => mine('complete').length === 1);

describe('given a subscription that is called back', () => {
  test('then it is checked, gets each result in its order, and its end, all by name of the protocol', async () => {
    expect(await ask('subscription { count(to: 3) }', QUIET)).toEqual({ status: 200, protocol: PROTOCOL, data: null });
    await ended();
    expect(mine()).toEqual(
      [
        { action: 'check' },
        ...[1, 2, 3].map((count) => ({ action: 'next', payload: { data: { count } } })),
        { action: 'complete' },
      ].map((call) => ({
        kind: 'subscription',
        id,
        verifier: 'v',
        protocol: PROTOCOL,
        path: `/callback/${id}`,
        ...call,
      })),
    );
  });

  test('then its refusal is its end, with the code', async () => {
    expect(await ask('subscription { refused }', QUIET)).toMatchObject({ data: null });
    await ended();
    expect(mine('complete')[0]?.errors).toEqual([
      expect.objectContaining({ message: 'No such order.', extensions: { code: 'NOT_FOUND' } }),
    ]);
    expect(mine('next')).toEqual([]);
  });

  test('then a stream that breaks ends with an error that shows nothing, logged once', async () => {
    problems.length = 0;
    await ask('subscription { breaks }', QUIET);
    await ended();
    expect(mine('complete')[0]?.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(JSON.stringify(mine())).not.toContain('secret-detail');
    expect(problems).toHaveLength(1);
  });

  test('then a query that names a callback is answered as a query', async () => {
    expect(await ask('{ one }', QUIET)).toMatchObject({ status: 200, data: { one: null } });
    expect(mine()).toEqual([]);
  });
});

describe('given an interval of heartbeats', () => {
  test.each([1, -5, 299, 0.5, 3_600_001, 1e99, 'soon', true, {}, [300]])(
    'of %p, then it is refused',
    async (interval) => {
      const answer = await ask('subscription { forever }', { heartbeatIntervalMs: interval });
      expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
      expect(answer.errors?.[0]?.message).toContain('heartbeatIntervalMs');
      expect(mine()).toEqual([]);
    },
  );

  test('of 300 ms, then it is checked until its router does not know it any more, and the stream ends', async () => {
    await ask('subscription { forever }', { heartbeatIntervalMs: 300 });
    await eventually(() => mine('check').length >= 3 && streams.size === 1);
    router.answers(
      ({ action }) =>
        (response) =>
          response.writeHead(action === 'check' ? 404 : 204).end(),
    );
    await eventually(() => streams.size === 0);
    expect(mine('check').every(({ protocol }) => protocol === PROTOCOL)).toBe(true);
    expect(mine('complete')).toEqual([]);
    expect(mine('next')).toHaveLength(1);
  });

  test('of 0, then nothing but the first check is sent', async () => {
    await ask('subscription { count(to: 1) }', QUIET);
    await ended();
    expect(mine('check')).toHaveLength(1);
  });
});

describe('given a callback URL that is not below an allowed one', () => {
  const origin = () => new URL(router.url).origin;
  test.each([
    ['another path', () => `${origin()}/elsewhere`],
    ['a path that only begins alike', () => `${router.url}s/1`],
    ['a way out', () => `${router.url}/../admin`],
    ['an encoded way out', () => `${router.url}/..%2fadmin`],
    ['an encoded way out in capitals', () => `${router.url}/..%2Fadmin`],
    ['encoded dots', () => `${router.url}/%2e%2e/admin`],
    ['a twice encoded way out', () => `${router.url}/..%252fadmin`],
    ['an encoded backslash', () => `${router.url}/..%5cadmin`],
    ['a backslash', () => `${router.url}\\..\\admin`],
    ['an empty segment', () => `${router.url}//admin`],
    ['another path that is not normal', () => `${origin()}//callback/1`],
    ['any other escape', () => `${router.url}/%00`],
    ['a user', () => router.url.replace('//', '//user@')],
    ['a user and a password', () => router.url.replace('//', '//user:password@')],
    ['the allowed one as a user', () => `${router.url.replace('/callback', '')}@elsewhere.test/callback`],
    ['another port', () => router.url.replace(/:\d+/, ':1')],
    ['another host', () => router.url.replace('127.0.0.1', 'localhost')],
    ['another scheme', () => router.url.replace('http:', 'https:')],
    ['a query', () => `${router.url}/1?to=admin`],
    ['a fragment', () => `${router.url}/1#admin`],
    ['a line break', () => `${router.url}/1\n`],
    ['a space', () => ` ${router.url}/1`],
    ['another alphabet', () => `${router.url}/ä`],
    ['no URL', () => 'callback'],
    ['a file', () => 'file:///callback'],
    ['too long a URL', () => `${router.url}/${'x'.repeat(3_000)}`],
    ['no text', () => 5],
    ['nothing', () => null],
  ])('%s, then it is refused and nobody is called', async (_name, callbackUrl) => {
    const answer = await ask('subscription { count(to: 1) }', { callbackUrl: callbackUrl() });
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(router.calls).toEqual([]);
  });

  test('then the allowed one itself is called, and what is below it', async () => {
    for (const callbackUrl of [router.url, `${router.url}/`, `${router.url}/a-b_c.d~1/2`, `${router.url}/x/../1`]) {
      id = randomUUID();
      expect(await ask('subscription { count(to: 1) }', { ...QUIET, callbackUrl })).toMatchObject({ status: 200 });
      await ended();
    }
  });
});

describe.each(Object.entries(FAULTS))('given a router that %s', (_name, fault) => {
  const faultAt = (at: CallbackCall['action']) => router.answers(({ action }) => (action === at ? fault : accepted));
  const alive = async () => {
    router.answers(() => accepted);
    id = randomUUID();
    expect(await ask('subscription { count(to: 1) }', QUIET)).toMatchObject({ data: null });
    await ended();
    expect(unhandled).toEqual([]);
  };

  test('to the check, then the subscription is refused', async () => {
    faultAt('check');
    expect(await ask('subscription { count(to: 1) }', QUIET)).toMatchObject({
      status: 400,
      errors: [{ message: 'The callback URL did not accept the check.', extensions: { code: 'BAD_REQUEST' } }],
    });
    expect(mine()).toHaveLength(1);
    await alive();
  });

  test.each(['subscription { count(to: 2) }', 'subscription { refused }', 'subscription { breaks }'])(
    'to results and to the end of "%s", then it is given up after a few tries',
    async (query) => {
      router.answers(({ action }) => (action === 'check' ? accepted : fault));
      expect(await ask(query, QUIET)).toMatchObject({ data: null });
      await eventually(() => mine().length > 1);
      const given = mine().length;
      expect(given).toBeGreaterThan(1);
      expect(mine('next').filter(({ payload }) => JSON.stringify(payload).includes('2'))).toEqual([]);
      await alive();
    },
  );

  test('to heartbeats, then the stream ends, and the process goes on', async () => {
    await ask('subscription { forever }', { heartbeatIntervalMs: 300 });
    await eventually(() => streams.size === 1);
    faultAt('check');
    await eventually(() => streams.size === 0);
    await alive();
  });
});

describe('given a router that is not there', () => {
  test('then the subscription is refused', async () => {
    const gone = await startCallbackRouter();
    await gone.close();
    const settings = { SUBSCRIPTION_CALLBACK_URLS: gone.url, REQUEST_TIMEOUT_MS };
    const other = await startBareServer({ schema: streamSchema(streams), settings });
    const body = JSON.stringify({
      query: 'subscription { count(to: 1) }',
      extensions: { subscription: { callbackUrl: gone.url, subscriptionId: '1' } },
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${other.url}/graphql`, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('BAD_REQUEST')]);
    await other.stop();
  });
});
