import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

const TOKEN_SECONDS = 3_600;
const FIRST = 'first';

/** An endpoint of public keys, and the tokens that are signed with them. */
export interface KeySet {
  /** host:port */
  readonly address: string;
  /** A student's access token. @param kid another key than the one that is always there: a verifier has to ask for it */
  tokenOf(userId: string, kid?: string): Promise<string>;
  /** From now on answers so; without an argument with the keys. */
  answers(answer?: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export async function startKeySet(): Promise<KeySet> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys: JWK[] = [{ ...(await exportJWK(publicKey)), kid: FIRST, alg: 'ES256', use: 'sig' }];
  const withKeys = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  };
  let answer: (response: ServerResponse) => void = withKeys;
  const server = createServer((_request, response) => answer(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenOf: (userId, kid = FIRST) =>
      new SignJWT({ userId, roles: ['student'], tokenType: 'access' })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setSubject(userId)
        .setIssuer('auth-service')
        .setAudience('edulearn')
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_SECONDS}s`)
        .sign(privateKey),
    answers: (next = withKeys) => void (answer = next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
