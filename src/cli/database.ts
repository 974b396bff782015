import { ConfigError, loadConfig } from '../config.js';
import { openOrm, type Fork } from '../persistence/orm.js';

/** Runs an operator's command on DATABASE_URL; mistakes end it with one line and exit code 1. */
export async function withDatabase(work: (fork: Fork) => Promise<void>): Promise<void> {
  try {
    const { DATABASE_URL: url } = loadConfig(process.env);
    if (!url) throw new ConfigError('missing: DATABASE_URL');
    const orm = await openOrm({ url, poolMax: 2, statementTimeout: 600_000, lockTimeout: 10_000 });
    try {
      await work(() => orm.em.fork());
    } finally {
      await orm.close();
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
