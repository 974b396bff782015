import type { Actor } from '../entities/visibility.js';

/** Who a verified access token speaks for. */
export interface Viewer extends Actor {
  readonly roles: readonly string[];
  /** When the token ends. */
  readonly expiresAt: Date;
}

/** What came with a request: nobody, somebody, a token that does not count, or one that cannot be verified now. */
export type Identity =
  | { readonly is: 'anonymous' }
  | { readonly is: 'viewer'; readonly viewer: Viewer }
  | { readonly is: 'invalid'; readonly reason: string }
  | { readonly is: 'unverifiable' };
