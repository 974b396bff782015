import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { migrate } from '../../src/persistence/migrate.js';
import { removePostgres, startPostgres } from '../postgres/embedded-postgres.js';
import { ServerStartError } from '../postgres/server.js';
import { portInUse } from './choose-ports.js';
import { lineLog } from './laptop-log.js';
import type { StackOfStops } from './stack-of-stops.js';

const POOL_MAX = 20;

export interface DatabaseOptions {
  /** A database that runs already; absent: an embedded one. */
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly port: number;
  /** Begins with an embedded database that is empty. */
  readonly fresh: boolean;
  readonly log: Logger;
  readonly stops: StackOfStops;
}

export interface LaptopDatabase {
  readonly url: string;
  /** For the parts that are only on the laptop: the bus and the stand-ins. */
  readonly pool: pg.Pool;
  /** Of the embedded server. */
  readonly pid: number | undefined;
}

/** Starts PostgreSQL unless there is one, and brings its tables up to date. */
export async function startDatabase(options: DatabaseOptions): Promise<LaptopDatabase> {
  const { log, stops } = options;
  const embedded = options.url ? undefined : await startEmbedded(options);
  const url = options.url ?? (embedded as { url: string }).url;
  await migrate(url, log);
  const pool = new pg.Pool({ connectionString: url, max: POOL_MAX, application_name: 'laptop' });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  stops.push('database pool', () => pool.end());
  return { url, pool, pid: embedded?.pid };
}

async function startEmbedded({ dataDir, port, fresh, log, stops }: DatabaseOptions) {
  const folder = join(dataDir, 'postgres');
  const line = lineLog(log, 'postgres');
  if (fresh) await removePostgres(folder, line);
  try {
    const postgres = await startPostgres({ dataDir: folder, port, log: line });
    stops.push('PostgreSQL', () => postgres.stop());
    return postgres;
  } catch (error) {
    if (error instanceof ServerStartError && error.message.includes('Address already in use'))
      throw portInUse('database', port);
    throw error;
  }
}
