import { randomBytes } from 'node:crypto';

const made = () => randomBytes(24).toString('base64url');

/** Signs the tokens of a site's buyers. Made for each run: what ships refuses secrets that anybody can read. */
export const SITE_SECRET = made();
export const ROUTER_SECRET = made();
