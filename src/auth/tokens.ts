import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { validate as isUuid } from 'uuid';
import type { Config } from '../config.js';
import type { Clock } from '../observability/clock.js';
import type { Logger } from '../observability/log.js';
import { KEY_SET_ALGORITHMS, KeySet, KeySetUnavailable } from './key-set.js';
import type { Identity } from './viewer.js';

/** Turns an Authorization header into who asks. Never throws: a bad token is an identity of its own. */
export type Authenticate = (authorization: string | undefined) => Promise<Identity>;

const OPERATOR = 'admin';
const BEARER = /^Bearer +(\S+)$/i;

/** The key set of the settings; undefined where tokens are signed with the shared secret. */
export function keySetOf({ JWKS_URL: url, JWKS_STALE_MINUTES: minutes }: Config, log?: Logger): KeySet | undefined {
  return url === undefined ? undefined : new KeySet({ url, staleMs: minutes * 60_000, log });
}

/**
 * Verifies access tokens as the platform's auth service signs them: HS256 with the shared secret, or a key set.
 * @param keys those of the settings where absent
 */
export function createAuthenticate(config: Config, clock: Clock, keys = keySetOf(config)): Authenticate {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_ACCESS_TOKEN_SECRET: secret } = config;
  const key: JWTVerifyGetKey | Uint8Array = keys
    ? keys.keyOf
    : new TextEncoder().encode(secret ?? missing('JWT_ACCESS_TOKEN_SECRET or JWKS_URL'));
  const algorithms = keys ? [...KEY_SET_ALGORITHMS] : ['HS256'];

  return async (authorization) => {
    if (!authorization) return { is: 'anonymous' };
    const token = BEARER.exec(authorization)?.[1];
    if (!token) return { is: 'invalid', reason: 'not a bearer token' };
    try {
      const options = { issuer, audience, algorithms, currentDate: clock.now(), requiredClaims: ['sub', 'exp'] };
      const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, options);
      return identityOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return { is: 'invalid', reason: error.code };
      if (error instanceof KeySetUnavailable) return { is: 'unverifiable' };
      throw error;
    }
  };
}

function missing(name: string): never {
  throw new Error(`${name} is missing`);
}

function identityOf({ tokenType, sub, exp, roles: claimed }: JWTPayload): Identity {
  if (tokenType !== 'access') return { is: 'invalid', reason: 'not an access token' };
  if (!sub || !isUuid(sub)) return { is: 'invalid', reason: 'the subject is not a user id' };
  if (exp === undefined) return { is: 'invalid', reason: 'it never expires' };
  const roles = Array.isArray(claimed) ? claimed.filter((role) => typeof role === 'string') : [];
  const expiresAt = new Date(exp * 1_000);
  return {
    is: 'viewer',
    viewer: { userId: sub.toLowerCase(), roles, isOperator: roles.includes(OPERATOR), expiresAt },
  };
}
