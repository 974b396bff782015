import type { Logger } from '../observability/log.js';
import { openOrm } from './orm.js';

/**
 * Brings the database's schema up to date. Safe to run again and beside running services; two runs at once wait for
 * each other.
 */
export async function migrate(databaseUrl: string, log: Logger): Promise<void> {
  const orm = await openOrm({ url: databaseUrl, poolMax: 2, statementTimeout: 600_000, lockTimeout: 60_000 });
  try {
    await orm.em.transactional(async (em) => {
      await em.execute(`select pg_advisory_xact_lock(hashtext('order-service migrations'))`);
      const done = await orm.migrator.up();
      for (const { name } of done) log.info({ migration: name }, 'migrated');
    });
  } finally {
    await orm.close();
  }
}
