import { graphError } from '../schema/errors.js';

/** Where and how a router asks to be called back about one subscription. */
export interface CallbackRequest {
  readonly url: string;
  readonly id: string;
  /** Proves to the router that the calls come from where it sent the request. */
  readonly verifier: string;
  /** How often a heartbeat is sent to the router, ms; 0: never. */
  readonly heartbeatMs: number;
}

const DEFAULT_HEARTBEAT_MS = 5_000;
/** The shortest and longest heartbeat interval that a router may ask for, ms. */
const HEARTBEAT_MS = { least: 300, most: 3_600_000 };
/** Some routers give up after exactly the interval that they ask for. */
const BEATS_IN_INTERVAL = 3;
const MAX_LENGTH = 2_048;

/** Visible ASCII without the backslash, which URL parsers take for a slash. */
const PLAIN = /^[!-[\]-~]+$/;
/** Segments without escapes, which the router could decode to another path; none of them empty. */
const PLAIN_PATH = /^(\/[\w~!$&'()*+,;=:@.-]+)*\/?$/;

/**
 * Reads the `subscription` extension of a request. Routers write its names in camel case or with underscores.
 * @param allowed the beginnings of URLs that may be called
 * @returns undefined if the request has no such extension
 * @throws GraphQLError BAD_REQUEST naming what is wrong
 */
export function readCallbackRequest(
  extensions: Readonly<Record<string, unknown>> | undefined,
  allowed: readonly string[],
): CallbackRequest | undefined {
  const asked = extensions?.['subscription'];
  if (asked === undefined || asked === null) return undefined;
  if (typeof asked !== 'object') throw badRequest('The extension `subscription` is not an object.');
  const fields = asked as Readonly<Record<string, unknown>>;
  const url = textOf(fields, 'callbackUrl', 'callback_url');
  if (!isAllowed(url, allowed)) throw badRequest('This callback URL is not allowed.');
  return {
    url,
    id: textOf(fields, 'subscriptionId', 'subscription_id'),
    verifier: typeof fields['verifier'] === 'string' ? fields['verifier'].slice(0, MAX_LENGTH) : '',
    heartbeatMs: heartbeatOf(fields['heartbeatIntervalMs'] ?? fields['heartbeat_interval_ms']),
  };
}

export const badRequest = (message: string) => graphError('BAD_REQUEST', message, { http: { status: 400 } });

function textOf(fields: Readonly<Record<string, unknown>>, name: string, otherName: string): string {
  const value = fields[name] ?? fields[otherName];
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_LENGTH) return value;
  throw badRequest(`The extension \`subscription\` has no \`${name}\` of 1 to ${MAX_LENGTH} characters.`);
}

function heartbeatOf(asked: unknown): number {
  if (asked === undefined || asked === null) return DEFAULT_HEARTBEAT_MS / BEATS_IN_INTERVAL;
  if (asked === 0) return 0;
  const { least, most } = HEARTBEAT_MS;
  if (typeof asked === 'number' && asked >= least && asked <= most) return Math.ceil(asked / BEATS_IN_INTERVAL);
  throw badRequest(`\`heartbeatIntervalMs\` must be 0, for no heartbeats, or ${least} to ${most}.`);
}

/** Compared as URLs: the same origin, and a path at or below the allowed one, written without anything to be decoded. */
function isAllowed(wanted: string, allowed: readonly string[]): boolean {
  if (!PLAIN.test(wanted) || !URL.canParse(wanted)) return false;
  const { origin, pathname, username, password, search, hash } = new URL(wanted);
  if (username || password || search || hash || !PLAIN_PATH.test(pathname)) return false;
  return allowed
    .map((url) => new URL(url))
    .some((one) => {
      const base = one.pathname.replace(/\/+$/, '');
      return one.origin === origin && (pathname === base || pathname.startsWith(`${base}/`));
    });
}
