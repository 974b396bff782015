import { loadConfig } from '../config.js';
import { createLogger } from '../observability/log.js';
import { migrate } from '../persistence/migrate.js';

/** `npm run migrate`, or `node dist/cli/migrate.js`: brings DATABASE_URL's schema up to date. */
const config = loadConfig(process.env);
if (config.DATABASE_URL) {
  await migrate(config.DATABASE_URL, createLogger(config.LOG_LEVEL));
} else {
  process.stderr.write('missing: DATABASE_URL\n');
  process.exitCode = 1;
}
