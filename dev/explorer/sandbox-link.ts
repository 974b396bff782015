import { fillIn } from './operations.js';
import type { ExplorerOperation, Known } from './operations.js';

const SANDBOX = 'https://studio.apollographql.com/sandbox/explorer';
const ENDPOINT = 'http://127.0.0.1:4000/graphql';

/**
 * Opens an operation in Apollo Sandbox, with the URL parameters that
 * https://www.apollographql.com/docs/graphos/explorer/sandbox/#url-parameters lists. Its token is an environment variable of
 * the Sandbox, because one in a document would soon have ended.
 */
export function sandboxLink({ as, query, variables }: ExplorerOperation, known: Known): string {
  const parameters = {
    endpoint: ENDPOINT,
    document: query,
    ...(variables && { variables: JSON.stringify(fillIn(variables, known)) }),
    headers: JSON.stringify({ authorization: `Bearer {{${as}}}` }),
  };
  const text = Object.entries(parameters).map(([name, value]) => `${name}=${encode(value)}`);
  return `${SANDBOX}?${text.join('&')}`;
}

/** A link in Markdown ends at a parenthesis. */
const encode = (value: string) => encodeURIComponent(value).replaceAll('(', '%28').replaceAll(')', '%29');
