import pg from 'pg';

/** Longest wait for the connection and for its answer, ms. */
const LIMIT_MS = 1_500;

/**
 * Asks whether the database answers, over a connection of its own: a pool whose connections are all at work is load, and a
 * replica that is taken out for it would only add to the load of the others.
 */
export class DatabaseCheck {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: LIMIT_MS,
      query_timeout: LIMIT_MS,
      keepAlive: true,
      application_name: 'order-service-check',
    });
    // A connection that breaks while it idles would otherwise end the process; the next question opens another.
    this.#pool.on('error', () => undefined);
  }

  /** @throws Error where the database does not answer */
  async isUp(): Promise<boolean> {
    return (await this.#pool.query('select 1')).rowCount === 1;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
