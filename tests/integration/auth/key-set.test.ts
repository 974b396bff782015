import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { KeySet } from '../../../src/auth/key-set.js';
import { createAuthenticate } from '../../../src/auth/tokens.js';
import { loadConfig } from '../../../src/config.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { testLog } from '../../support/log.js';

const MINUTE = 60_000;
const USER = idOf('a viewer');
type Answer = (response: ServerResponse) => void;

let endpoint: Server;
let answer: Answer;
let asked = 0;
let now = 0;
let keys: KeySet;
/** Complete keys by which no token is verified here. */
const otherKeys: JWK[] = [{ kty: 'oct', k: 'c2VjcmV0', kid: 'first' }];
const pairs = new Map<string, { readonly privateKey: CryptoKey; readonly jwk: JWK }>();

beforeAll(async () => {
  for (const kid of ['first', 'second']) {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    pairs.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } });
  }
  for (const alg of ['RSA-OAEP', 'ES512', 'RS512']) {
    const { publicKey } = await generateKeyPair(alg);
    otherKeys.push({ ...(await exportJWK(publicKey)), kid: 'first', alg });
  }
  endpoint = createServer((_request, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  endpoint.closeAllConnections();
  endpoint.close();
});
beforeEach(() => {
  asked = 0;
  now = 0;
  answer = withKeys('first');
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/jwks`;
  keys = new KeySet({ url, staleMs: 60 * MINUTE, log: testLog(), monotonicMs: () => now });
});

const withKeys =
  (...kids: string[]): Answer =>
  (response) =>
    response.end(JSON.stringify({ keys: kids.map((kid) => pairs.get(kid)?.jwk) }));

/** What is wrong with an endpoint that answers no keys. */
const FAULTS: [name: string, answer: Answer][] = [
  ['cuts the connection', (response) => response.destroy()],
  ['answers 500', (response) => response.writeHead(500).end()],
  ['redirects', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['answers something else', (response) => response.end('<html>')],
  ['answers no key set', (response) => response.end('{"keys":7}')],
  ['answers a set without keys', (response) => response.end('{"keys":[]}')],
  ['answers keys of other uses only', (response) => response.end(JSON.stringify({ keys: otherKeys }))],
  [
    'answers keys that cannot be used',
    (response) => response.end('{"keys":[{"kty":"EC","crv":"P-256","kid":"first"},{}]}'),
  ],
  ['never answers', () => undefined],
];

async function authenticate(kid: string, alg = 'ES256') {
  const token = await new SignJWT({ tokenType: 'access', roles: ['student'] })
    .setProtectedHeader({ alg, kid })
    .setSubject(USER)
    .setIssuer('auth-service')
    .setAudience('edulearn')
    .setExpirationTime('1h')
    .sign(pairs.get(kid)?.privateKey as CryptoKey);
  return createAuthenticate(loadConfig({}), { now: () => new Date() }, keys)(`Bearer ${token}`);
}

const isViewer = { is: 'viewer', viewer: { userId: USER } };

describe.each(FAULTS)('given an endpoint that %s', (_, fault) => {
  test('when it had answered before, then tokens are verified with the last keys, and nobody waits for it', async () => {
    expect(await authenticate('first')).toMatchObject(isViewer);
    answer = fault;
    now = 30 * MINUTE;
    expect(await authenticate('first')).toMatchObject(isViewer);
    expect(await authenticate('first')).toMatchObject(isViewer);
    await eventually(
      () => keys.isReachable(),
      (reachable) => !reachable,
    );
    expect(asked).toBe(2);
  });

  test('when the last keys are too old, then it cannot be told what a token is worth', async () => {
    expect(await authenticate('first')).toMatchObject(isViewer);
    answer = fault;
    now = 60 * MINUTE;
    expect(await authenticate('first')).toEqual({ is: 'unverifiable' });
    // At once: the endpoint is left alone for a while.
    expect(await authenticate('first')).toEqual({ is: 'unverifiable' });
    expect(asked).toBe(2);
  });

  test('when it never answered and then does, then tokens count again', async () => {
    answer = fault;
    await keys.load();
    expect(await authenticate('first')).toEqual({ is: 'unverifiable' });
    answer = withKeys('first');
    now += 5_000;
    expect(await authenticate('first')).toMatchObject(isViewer);
    expect(keys.isReachable()).toBe(true);
  });

  test('when a token has a key that is not known, then it is neither accepted nor called invalid', async () => {
    expect(await authenticate('first')).toMatchObject(isViewer);
    answer = fault;
    now = MINUTE;
    expect(await authenticate('second')).toEqual({ is: 'unverifiable' });
  });
});

test('given a key that is new at the endpoint, then it is fetched, but not more often than every 30 seconds', async () => {
  expect(await authenticate('first')).toMatchObject(isViewer);
  answer = withKeys('first', 'second');
  expect(await authenticate('second')).toMatchObject({ is: 'invalid' });
  expect(asked).toBe(1);
  now = 30_000;
  expect(await authenticate('second')).toMatchObject(isViewer);
  expect(asked).toBe(2);
});

test('given a hundred tokens at once before the first fetch, then the endpoint is asked once', async () => {
  const seen = await Promise.all(Array.from({ length: 100 }, () => authenticate('first')));
  expect(seen.every(({ is }) => is === 'viewer')).toBe(true);
  expect(asked).toBe(1);
});

test.each([
  ['ES256', 'EC'],
  ['RS256', 'RSA'],
  ['EdDSA', 'OKP'],
])('given an %s key whose algorithm the set does not name, then its tokens count', async (alg, kty) => {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid: alg };
  expect(jwk).toMatchObject({ kty });
  pairs.set(alg, { privateKey, jwk });
  answer = withKeys('first', alg);
  expect(await authenticate(alg, alg)).toMatchObject(isViewer);
  expect(await authenticate('first')).toMatchObject(isViewer);
});

test('given a set in which one key is nothing, then tokens of the others count', async () => {
  answer = (response) => response.end(JSON.stringify({ keys: [null, 7, pairs.get('first')?.jwk] }));
  expect(await authenticate('first')).toMatchObject(isViewer);
});

test('given a set in which one key cannot be used, then tokens of the others count', async () => {
  const broken = { kty: 'EC', crv: 'P-256', kid: 'second', alg: 'ES256' };
  answer = (response) => response.end(JSON.stringify({ keys: [broken, pairs.get('first')?.jwk] }));
  expect(await authenticate('first')).toMatchObject(isViewer);
  expect(await authenticate('second')).toMatchObject({ is: 'invalid' });
});

test.each([7, 'verify', {}, [null], ['sign']])(
  'given a set in which one key is for %j, then a new key beside it counts',
  async (operations) => {
    const kid = `beside ${JSON.stringify(operations)}`;
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    pairs.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid } });
    const odd = { ...pairs.get('first')?.jwk, kid: 'odd', key_ops: operations };
    answer = (response) => response.end(JSON.stringify({ keys: [odd, pairs.get(kid)?.jwk] }));
    expect(await authenticate(kid, 'RS256')).toMatchObject(isViewer);
  },
);
