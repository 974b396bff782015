import type { SampleData, SampleUser } from '../sample/sample-data.js';
import { signToken } from '../sample/sign-token.js';
import { findOpenOrder } from './open-order.js';
import type { Ask } from './open-order.js';
import { fillIn, readOperations } from './operations.js';
import type { ExplorerOperation, Known } from './operations.js';
import { actors, firstOnSale, UNKNOWN } from './sample-choices.js';
import type { PreparedTab } from './store-tabs.js';

export interface TabOptions {
  readonly sample: SampleData;
  /** The secret that the services check tokens with. */
  readonly jwtSecret: string;
  readonly graphUrl: string;
  readonly log: (line: object) => void;
}

const TOKEN_SECONDS = 24 * 3600;
const LONGEST_LOOK_MS = 3_000;

/** The tabs that the laptop's explorer opens with, each ready to be run as a person of the sample. */
export async function prepareTabs(options: TabOptions): Promise<PreparedTab[]> {
  const { buyer, operator } = actors(options.sample);
  const tokens = { buyer: await tokenOf(buyer, options), operator: await tokenOf(operator, options) };
  const known = await lookUp(options, tokens.buyer);
  return readOperations().map((operation) => tabOf(operation, known, tokens[operation.as]));
}

function tabOf({ query, variables }: ExplorerOperation, known: Known, token: string): PreparedTab {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return { query, headers: pretty(headers), variables: variables && pretty(fillIn(variables, known)) };
}

const pretty = (value: object) => JSON.stringify(value, null, 2);

async function tokenOf(user: SampleUser | undefined, { jwtSecret: secret }: TabOptions): Promise<string> {
  if (!user) return '';
  const { id: userId, name: username, email, roles } = user;
  return signToken({ userId, username, email, roles, ttlSeconds: TOKEN_SECONDS, secret });
}

async function lookUp({ sample, graphUrl, log }: TabOptions, token: string): Promise<Known> {
  const { course, session } = firstOnSale(sample);
  // The page is there without an order too: its tabs are then refused with a sentence.
  const order = await findOpenOrder(asker(graphUrl, token), course).catch((error: Error) => {
    log({ level: 'warn', message: 'the explorer has no order to pay', error: error.message });
    return undefined;
  });
  return { $course: course, $session: session, $order: order ?? UNKNOWN, $year: new Date().getUTCFullYear() };
}

function asker(url: string, token: string): Ask {
  return async <T>(query: string, variables = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(LONGEST_LOOK_MS) });
    const { data, errors } = (await response.json()) as { data: T; errors?: readonly { message: string }[] };
    if (errors) throw new Error(errors[0]?.message);
    return data;
  };
}
