import type { Configuration } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';

/** With held-back inserts a violated constraint shows at COMMIT, which the stock connection leaves untranslated. */
class BatchingConnection extends PostgreSqlConnection {
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
