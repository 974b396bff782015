import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ShellBlock } from './shell-blocks.js';

const run = promisify(execFile);

/** The addresses of a product that blocks are run against. */
export interface Addresses {
  readonly gatewayUrl: string;
  readonly pageUrl: string;
}

/**
 * Runs the commands as a reader would who pastes them, with the addresses of this run instead of those of `npm start`.
 * @returns what they print
 * @throws Error when one fails
 */
export async function runBlock(
  { script }: Pick<ShellBlock, 'script'>,
  { gatewayUrl, pageUrl }: Addresses,
): Promise<string> {
  const text = script
    .replaceAll('http://127.0.0.1:4000/graphql', gatewayUrl)
    .replaceAll('http://127.0.0.1:4010', pageUrl);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', text]);
  return stdout;
}
