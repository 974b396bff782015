import type { Environment } from '../commands/environment.js';
import { isUndecidable } from '../commands/undecidable.js';
import { withinScope } from '../observability/correlation.js';
import type { Metrics } from '../observability/metrics.js';
import { isConflict, isDatabaseAway } from '../persistence/errors.js';
import type { BatchContext, Bus, Consumption, ReceivedMessage } from './bus/bus.js';
import { deadLetters, type Failure } from './dead-letters.js';
import { BadMessage } from './envelope.js';
import { FailedMessages } from './inbound/failed-messages.js';
import { scopeOf, takerOf, understand, type Announcements, type Outcome, type Understood } from './takers.js';
import { consumedTopics } from './topics.js';

const CONFLICT_TRIES = 5;
const SILENT: Announcements = { usersBlocked: () => undefined };

/** A message with what is understood of it, or why it never can be. */
interface ReadMessage {
  readonly message: ReceivedMessage;
  readonly content: Understood | { readonly rejected: string };
}

/** A message that failed with an error that may pass: it is to be delivered again. */
interface Postponed {
  readonly postponedBy: unknown;
}

/** What became of a message in one delivery. */
type Result = Outcome | Postponed;

/** The outcome of a message that was rejected, with the number of times it was tried. */
type Rejection = { readonly rejected: string; readonly attempts?: number };

/**
 * Consumes the platform's events, a batch in one transaction. Repeats and any order across topics are normal. No message
 * blocks its partition: a batch that fails for anything but an outage is halved until the message at fault is alone, and
 * that message becomes a dead letter. An outage of the database loses nothing: the batch is delivered again.
 */
export class Consumer {
  readonly #env: Environment;
  readonly #bus: Bus;
  readonly #metrics: Metrics;
  readonly #announcements: Announcements;
  readonly #failed = new FailedMessages();
  #consumption: Consumption | undefined;

  constructor(env: Environment, bus: Bus, metrics: Metrics, announcements: Announcements = SILENT) {
    this.#env = env;
    this.#bus = bus;
    this.#metrics = metrics;
    this.#announcements = announcements;
  }

  async start(group: string): Promise<void> {
    const handle = (batch: readonly ReceivedMessage[], context: BatchContext) => this.#handle(batch, context);
    this.#consumption = await this.#bus.consume({
      group,
      topics: consumedTopics,
      handle,
      onJoined: () => this.#metrics.consumerJoins.inc(),
    });
  }

  isHealthy(): boolean {
    return this.#consumption?.isRunning() ?? false;
  }

  /** Why the newest batch of a partition failed here; undefined after a success, and where another replica has it. */
  failureOf(topic: string, partition: number): unknown {
    return this.#failed.errorOf({ topic, partition });
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  async #handle(batch: readonly ReceivedMessage[], context: BatchContext): Promise<void> {
    const first = itemAt(batch, 0);
    try {
      await withinScope(scopeOf(first), async () =>
        this.#settle(batch, decided(await this.#applyAll(await this.#prepare(batch), context))),
      );
    } catch (error) {
      this.#failed.noteFailure(first, error);
      throw error;
    }
    this.#failed.noteSuccess(first);
    this.#metrics.consumerLastHandled.setToCurrentTime();
  }

  /** Applies a batch; one that fails is halved, so that only the message at fault is left out. */
  async #applyAll(batch: readonly ReadMessage[], context: BatchContext): Promise<Result[]> {
    try {
      return await this.#applyRetrying(batch);
    } catch (error) {
      // Nothing is known about the messages: they are delivered again after a pause.
      if (isDatabaseAway(error) || context.signal.aborted) throw error;
      if (batch.length === 1) return [this.#reject(itemAt(batch, 0).message, error)];
    }
    await context.heartbeat();
    const middle = Math.ceil(batch.length / 2);
    const first = await this.#applyPart(batch.slice(0, middle), context);
    return [...first, ...(await this.#applyPart(batch.slice(middle), context))];
  }

  #applyPart(batch: readonly ReadMessage[], context: BatchContext): Promise<Result[]> {
    return withinScope(scopeOf(itemAt(batch, 0).message), () => this.#applyAll(batch, context));
  }

  async #applyRetrying(batch: readonly ReadMessage[]): Promise<Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#apply(batch);
      } catch (error) {
        if (!isConflict(error) || tries === CONFLICT_TRIES) throw error;
      }
    }
  }

  /**
   * Gives a message up that failed alone: at once where the same input always fails, else after a bounded number of
   * deliveries. Until then the messages after it are applied all the same, and the batch is delivered again.
   */
  #reject(message: ReceivedMessage, error: unknown): Rejection | Postponed {
    const attempts = this.#failed.countTry(message);
    // A message that only lost against other transactions is not at fault.
    if (isConflict(error) ? attempts < FailedMessages.MOST_CONFLICTS : mayPass(error, attempts))
      return { postponedBy: error };
    const { topic, partition, offset } = message;
    this.#env.log.error({ err: error, topic, partition, offset, attempts }, 'a message could not be applied');
    return { rejected: error instanceof Error ? error.message : String(error), attempts };
  }

  /** Counts what became of the messages; those that can never take effect become dead letters before the offset moves. */
  async #settle(batch: readonly ReceivedMessage[], outcomes: readonly Outcome[]): Promise<void> {
    const failures = batch.flatMap((message, i): Failure[] => {
      const outcome = itemAt(outcomes, i);
      if (typeof outcome !== 'string') return [{ message, attempts: 1, ...reasonOf(outcome) }];
      this.#metrics.consumed.inc({ topic: message.topic, outcome });
      return [];
    });
    await deadLetters(this.#env.fork, failures, this.#env.clock.now());
    for (const { message, reason } of failures) {
      const { topic, partition, offset } = message;
      this.#metrics.deadLetters.inc({ topic });
      withinScope(scopeOf(message), () =>
        this.#env.log.warn({ topic, partition, offset, reason }, 'message put among the dead letters'),
      );
    }
  }

  /** One transaction for everything of the batch that can be understood. */
  async #apply(batch: readonly ReadMessage[]): Promise<Outcome[]> {
    const understood = batch.flatMap(({ content }) => ('inbox' in content ? content : []));
    const { record } = takerOf(itemAt(batch, 0).message.topic);
    const applied = understood.length > 0 ? await record(this.#env, understood, this.#announcements) : [];
    return batch.map(({ content }) => ('inbox' in content ? itemAt(applied, understood.indexOf(content)) : content));
  }

  /** Reads a batch, and asks others about it once, however often it is tried. */
  async #prepare(batch: readonly ReceivedMessage[]): Promise<ReadMessage[]> {
    const contents = batch.map((message) => this.#read(message));
    const understood = contents.filter((one) => 'inbox' in one);
    const { prepare } = takerOf(itemAt(batch, 0).topic);
    const prepared = prepare && understood.length > 0 ? await prepare(this.#env, understood) : understood;
    return batch.map((message, i) => {
      const content = itemAt(contents, i);
      return { message, content: 'inbox' in content ? itemAt(prepared, understood.indexOf(content)) : content };
    });
  }

  #read(message: ReceivedMessage): Understood | { readonly rejected: string } {
    try {
      return understand(message, this.#env.clock.now());
    } catch (error) {
      if (error instanceof BadMessage) return { rejected: error.message };
      throw error;
    }
  }
}

/** The outcomes of a batch. @throws the error that postponed one of its messages: all of them are delivered again */
function decided(results: readonly Result[]): Outcome[] {
  return results.map((result) => {
    if (typeof result === 'object' && 'postponedBy' in result) throw result.postponedBy;
    return result;
  });
}

/** True while an error that is neither an outage nor always the same may still pass. */
const mayPass = (error: unknown, attempts: number): boolean =>
  !isUndecidable(error) && attempts < FailedMessages.MOST_TRIES;

function reasonOf({ rejected, attempts }: Rejection): Pick<Failure, 'reason'> & Partial<Pick<Failure, 'attempts'>> {
  return attempts === undefined ? { reason: rejected } : { reason: rejected, attempts };
}

/** An item of a list that has one for each message. @throws Error where it has not: the batch then comes again */
function itemAt<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`a batch has ${list.length} items, number ${index} was expected`);
  return item;
}
