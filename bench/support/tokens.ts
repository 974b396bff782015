import { signToken } from '../../dev/sample/sign-token.js';
import { SECRET } from './app-server.js';

const TTL_SECONDS = 3_600;

/** The header with which a user is signed in. */
export async function signedIn(userId: string, role: 'student' | 'admin'): Promise<{ authorization: string }> {
  const token = await signToken({ userId, roles: [role], ttlSeconds: TTL_SECONDS, secret: SECRET });
  return { authorization: `Bearer ${token}` };
}
