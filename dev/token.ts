// Prints a signed access token for the laptop: npm run --silent token -- --user <id> [--role admin] [--ttl 3600]
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LAPTOP_JWT_SECRET, loadConfig } from '../src/config.js';
import { loadSampleData } from './sample/sample-data.js';
import { signToken } from './sample/sign-token.js';

const USAGE = 'usage: npm run --silent token -- --user <id> [--role student|instructor|admin]... [--ttl <seconds>]';

const flags = z.object({
  user: z.string().min(1),
  role: z.array(z.enum(['student', 'instructor', 'admin'])).min(1),
  ttl: z.coerce.number().int().min(1),
});

function parseFlags(args: string[]): z.output<typeof flags> {
  const { values } = parseArgs({
    args,
    options: {
      user: { type: 'string' },
      role: { type: 'string', multiple: true, default: ['student'] },
      ttl: { type: 'string', default: '3600' },
    },
  });
  return flags.parse(values);
}

async function main(): Promise<void> {
  const { user, role, ttl } = parseFlags(process.argv.slice(2));
  const known = loadSampleData().users.find(({ id }) => id === user);
  const secret = loadConfig(process.env).JWT_ACCESS_TOKEN_SECRET ?? LAPTOP_JWT_SECRET;
  const person = known ? { username: known.name, email: known.email } : {};
  console.log(await signToken({ userId: user, roles: role, ttlSeconds: ttl, secret, ...person }));
}

function isBadFlag(error: unknown): boolean {
  return error instanceof z.ZodError || String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

try {
  await main();
} catch (error) {
  console.error(isBadFlag(error) ? USAGE : (error as Error).message);
  process.exitCode = 1;
}
