import { setTimeout as pause } from 'node:timers/promises';
import type { Configuration } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';

interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

interface PoolOptions {
  readonly onPoolCreated?: (pool: Pool) => void;
}

const LOOK_MS = 5;

/** With held-back inserts a violated constraint shows at COMMIT, which the stock connection leaves untranslated. */
class BatchingConnection extends PostgreSqlConnection {
  #pool: Pool | undefined;

  override createKyselyDialect(overrides: object) {
    const { onPoolCreated } = overrides as PoolOptions;
    const keepPool = (pool: Pool) => {
      this.#pool = pool;
      onPoolCreated?.(pool);
    };
    const options: object = { ...overrides, onPoolCreated: keepPool };
    return super.createKyselyDialect(options);
  }

  /**
   * Waits until no connection is in use before the pool is closed: Kysely loses a connection that is being opened while it
   * closes, and the pool then waits for that connection for ever.
   */
  override async close(force?: boolean): Promise<void> {
    while (this.#pool && (this.#pool.waitingCount > 0 || this.#pool.idleCount < this.#pool.totalCount))
      await pause(LOOK_MS);
    await super.close(force);
  }

  override async commit(...args: Parameters<PostgreSqlConnection['commit']>): Promise<void> {
    try {
      await super.commit(...args);
    } catch (error) {
      throw this.platform.getExceptionConverter().convertException(error as Error);
    }
  }
}

/** The PostgreSQL driver over `BatchingClient`. */
export class BatchingDriver extends PostgreSqlDriver {
  constructor(config: Configuration) {
    super(config);
    Object.assign(this, { connection: new BatchingConnection(this.config) });
  }
}
