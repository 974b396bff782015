import { GraphQLError } from 'graphql';
import { jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import type { Log } from '../neighbours/log.js';

const SCHEME = /^Bearer (.+)$/i;

/**
 * The user id of an Authorization header; undefined without a header.
 * @throws GraphQLError UNAUTHENTICATED when the token is not a valid access token of the platform
 */
export async function bearerUserId(header: string | undefined, secret: string, log: Log): Promise<string | undefined> {
  if (header === undefined || header === '') return undefined;
  const claims = await verify(SCHEME.exec(header)?.[1] ?? '', secret, log);
  if (claims?.['tokenType'] === 'access' && claims.sub) return claims.sub;
  throw new GraphQLError('The access token is not valid', { extensions: { code: 'UNAUTHENTICATED' } });
}

async function verify(token: string, secret: string, log: Log): Promise<JWTPayload | undefined> {
  try {
    const options = { issuer: 'auth-service', audience: 'edulearn', algorithms: ['HS256'] };
    return (await jwtVerify(token, new TextEncoder().encode(secret), options)).payload;
  } catch (error) {
    log({ level: 'info', message: 'subgraphs: token refused', error: String(error) });
    return undefined;
  }
}
