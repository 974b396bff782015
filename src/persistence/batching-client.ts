import pg from 'pg';
import { callerGone } from '../observability/correlation.js';
import { cancelStatement } from './cancel-statement.js';
import { isConnectionError } from './errors.js';

/**
 * Nobody needs the answer of a plain INSERT … VALUES. ON CONFLICT and RETURNING are not among them: their answer means
 * something. (A value that holds the word "returning" is only slower.)
 */
const LATER = /^insert into \S+ \([^)]*\) values (?![^]*\b(?:returning|on conflict)\b)/i;
/** A statement that only reads: what it holds of values may look like a write, which is then not cancelled. */
const READ = /^(?:select|with)\b(?![^]*\b(?:insert|update|delete|merge)\b)/i;
const BEGIN = /^(?:begin|start transaction)\b/i;
const ROLLBACK_TO = /^rollback to\b/i;
const HELD: pg.QueryResult = { command: 'INSERT', rowCount: 0, oid: 0, rows: [], fields: [] };

type QueryArguments = Parameters<pg.Client['query']>;
type Answer = pg.QueryResult | pg.QueryResult[];

/**
 * A pg client that spares round trips: BEGIN and inserts nobody waits for are held back and travel in ONE message with
 * the next statement whose answer is needed, at the latest COMMIT. Their errors surface there; PostgreSQL skips the rest
 * of a message after an error, so nothing behind the failed statement runs, COMMIT included. After an error everything
 * is refused with that first error until ROLLBACK, and a COMMIT that the server answered with ROLLBACK is an error.
 *
 * Use: `driverOptions: { Client: BatchingClient }`.
 */
export class BatchingClient extends pg.Client {
  /** What is held back; undefined outside a transaction. Begins with BEGIN while the server has not heard of it. */
  #held: string[] | undefined;
  /** The first error of the transaction. */
  #failure: unknown;

  override query(...args: unknown[]): never {
    return this.#query(args) as never;
  }

  #query(args: unknown[]): unknown {
    const [text, values] = args;
    const simple =
      typeof text === 'string' && !(Array.isArray(values) && values.length > 0) && typeof args.at(-1) !== 'function';
    if (!simple) return this.#sendSeparately(args);
    if (BEGIN.test(text)) {
      this.#held = [text];
      this.#failure = undefined;
      return Promise.resolve(HELD);
    }
    if (text.toLowerCase() === 'rollback') return this.#rollback();
    if (!this.#held) return READ.test(text) ? this.#read(text) : super.query(text);
    if (ROLLBACK_TO.test(text)) {
      this.#failure = undefined;
      // A savepoint took along what was held before it: what is held now came later and is undone with it.
      this.#held = [];
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure as Error);
    if (LATER.test(text)) {
      this.#held.push(text);
      return Promise.resolve(HELD);
    }
    return this.#sendWith(text, this.#held);
  }

  /** Outside of a transaction a read ends when nobody waits for it any more; everything that writes runs to its end. */
  async #read(text: string): Promise<pg.QueryResult> {
    const signal = callerGone();
    if (!signal) return super.query(text);
    signal.throwIfAborted();
    const cancel = () => cancelStatement(this);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await super.query(text);
    } finally {
      signal.removeEventListener('abort', cancel);
      // The request to cancel may arrive late: nobody else's statement may be there then. The pool drops what has ended.
      if (signal.aborted) void this.end();
    }
  }

  /** Sends what is held and `text` as one message; resolves to the answer of `text`. */
  async #sendWith(text: string, held: string[]): Promise<pg.QueryResult> {
    const commit = text.toLowerCase() === 'commit';
    const [first = ''] = held;
    const unheardOf = BEGIN.test(first);
    this.#held = commit ? undefined : [];
    // Several statements in one message are a transaction by themselves: no BEGIN and COMMIT to parse.
    const whole = unheardOf && commit && first.toLowerCase() === 'begin';
    const message = whole ? held.slice(1) : [...held, text];
    if (message.length === 0) return HELD;
    try {
      const answer = (await super.query(message.join(';\n'))) as unknown as Answer;
      const last = [answer].flat().at(-1) ?? HELD;
      if (commit && last.command === 'ROLLBACK') throw new Error('the server rolled the transaction back at COMMIT');
      return last;
    } catch (error) {
      if (commit) throw error;
      this.#failure = error;
      throw error;
    }
  }

  async #rollback(): Promise<pg.QueryResult> {
    const unheardOf = BEGIN.test(this.#held?.[0] ?? '');
    this.#held = undefined;
    this.#failure = undefined;
    if (unheardOf) return HELD;
    try {
      return await super.query('rollback');
    } catch (error) {
      // A broken connection has ended its transaction by itself. Only when this succeeds is the connection given back
      // to the pool, which then drops it; else its place in the pool would be lost for ever.
      if (isConnectionError(error)) return HELD;
      throw error;
    }
  }

  /** Statements with parameters cannot share a message: what is held goes ahead of them. */
  #sendSeparately(args: unknown[]): unknown {
    if (this.#held?.length) {
      const message = this.#held.join(';\n');
      this.#held = [];
      super.query(message).catch((error: unknown) => (this.#failure ??= error));
    }
    return super.query(...(args as unknown as QueryArguments));
  }
}
