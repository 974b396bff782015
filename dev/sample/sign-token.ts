import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  student: ['checkout:process', 'order:view:own', 'refund:request'],
  instructor: ['revenue:view:own', 'transaction:view:own', 'analytics:view'],
  admin: ['analytics:view', 'analytics:view:all', 'admin:dashboard'],
};

export interface TokenOptions {
  readonly userId: string;
  /** student, instructor, admin */
  readonly roles: readonly string[];
  /** Seconds until the token expires; negative makes one that has expired. */
  readonly ttlSeconds: number;
  /** The shared secret of HS256. */
  readonly secret: string;
  readonly username?: string;
  readonly email?: string;
  /** When it is issued. Default: the present. */
  readonly now?: Date;
}

/** An access token with the claims of the platform's auth service. */
export function signToken(options: TokenOptions): Promise<string> {
  const { userId, roles } = options;
  const issuedAt = Math.floor((options.now ?? new Date()).getTime() / 1000);
  const username = options.username ?? `user-${userId.slice(0, 8)}`;
  const claims = {
    userId,
    roles,
    permissions: [...new Set(roles.flatMap((role) => PERMISSIONS[role] ?? []))],
    username,
    email: options.email ?? `${username}@example.test`,
    tokenType: 'access',
    // Only tokens of admins carry the single claim beside the list.
    ...(roles.includes('admin') ? { role: 'admin' } : {}),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(userId)
    .setIssuer('auth-service')
    .setAudience('edulearn')
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + options.ttlSeconds)
    .sign(new TextEncoder().encode(options.secret));
}
