import { Loop } from '../../observability/loop.js';
import { forgetBlocked, readBlocked } from '../../persistence/user/blocked-users.js';
import { NeighbourDown } from '../../platform/neighbours.js';
import type { Environment } from '../environment.js';

const READ_EVERY_MS = 5_000;
/** The user service may show a user as not blocked for this long after the event that blocked them, ms. */
const BELIEVE_AFTER_MS = 60_000;
/** A blocked user who tries again and again makes the user service be asked once in this time, ms. */
const ASK_EVERY_MS = 10_000;

/**
 * Knows in every process which users are blocked: from the event that blocks them until the user service shows them as not
 * blocked. The platform publishes no event for that, so it is asked when a blocked user tries something.
 */
export class AccountGate {
  readonly #env: Pick<Environment, 'fork' | 'clock' | 'neighbours' | 'log'>;
  readonly #onBlocked: (userId: string) => void;
  readonly #loop: Loop;
  readonly #askedAt = new Map<string, number>();
  /** Since the last reading began. */
  readonly #noted = new Map<string, Date>();
  #blocked: ReadonlyMap<string, Date> = new Map();

  /** @param onBlocked called once for each user that this process learns to be blocked */
  constructor(env: Pick<Environment, 'fork' | 'clock' | 'neighbours' | 'log'>, onBlocked: (userId: string) => void) {
    this.#env = env;
    this.#onBlocked = onBlocked;
    this.#loop = new Loop('blocked users', READ_EVERY_MS, () => this.read(), env.log);
  }

  /** Reads once, then again and again: an announcement of another process may be lost. */
  async start(): Promise<void> {
    await this.read();
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** One reading. @returns false: the next one is after the pause */
  async read(): Promise<boolean> {
    const before = this.#blocked;
    this.#noted.clear();
    const read = await readBlocked(this.#env.fork);
    // What was noted while reading may be newer than what was read.
    this.#blocked = new Map([...read, ...this.#noted]);
    for (const userId of this.#blocked.keys()) if (!before.has(userId)) this.#onBlocked(userId);
    return false;
  }

  /** This process, or another one, has just processed the event that blocks a user. */
  noteBlocked(userId: string): void {
    const since = this.#env.clock.now();
    this.#noted.set(userId, since);
    this.#blocked = new Map([...this.#blocked, [userId, since]]);
    this.#onBlocked(userId);
  }

  isBlocked(userId: string): boolean {
    return this.#blocked.has(userId);
  }

  /** True for everybody but blocked users; for those the user service is asked whether they still are. */
  async mayAct(userId: string): Promise<boolean> {
    const since = this.#blocked.get(userId);
    if (!since) return true;
    const now = this.#env.clock.now();
    if (now.getTime() - since.getTime() < BELIEVE_AFTER_MS || this.#wasAsked(userId, now)) return false;
    if (!(await this.#isUnblocked(userId))) return false;
    await forgetBlocked(this.#env.fork, userId, since);
    this.#noted.delete(userId);
    this.#askedAt.delete(userId);
    this.#blocked = new Map([...this.#blocked].filter(([id]) => id !== userId));
    return true;
  }

  #wasAsked(userId: string, now: Date): boolean {
    if (now.getTime() - (this.#askedAt.get(userId) ?? 0) < ASK_EVERY_MS) return true;
    this.#askedAt.set(userId, now.getTime());
    return false;
  }

  async #isUnblocked(userId: string): Promise<boolean> {
    try {
      const user = await this.#env.neighbours.users.findUser(userId);
      return user !== undefined && !user.blocked;
    } catch (error) {
      if (!(error instanceof NeighbourDown)) throw error;
      // Nothing is known: who was blocked stays so.
      return false;
    }
  }
}
