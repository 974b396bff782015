import type { Environment } from '../commands/environment.js';
import { isUndecidable } from '../commands/undecidable.js';
import { withinScope } from '../observability/correlation.js';
import type { Metrics } from '../observability/metrics.js';
import { isConflict } from '../persistence/errors.js';
import type { BatchContext, Bus, Consumption, ReceivedMessage } from './bus/bus.js';
import { deadLetters, type Failure } from './dead-letters.js';
import { BadMessage } from './envelope.js';
import { scopeOf, takerOf, understand, type Announcements, type Outcome, type Understood } from './takers.js';
import { consumedTopics } from './topics.js';

const CONFLICT_TRIES = 5;
const SILENT: Announcements = { usersBlocked: () => undefined };

/**
 * Takes the platform's news in, a batch in one transaction. Repeats and any order over topics are normal. A message that
 * can never take effect goes to the dead letters; a database that does not answer loses none: the batch comes again.
 */
export class Consumer {
  readonly #env: Environment;
  readonly #bus: Bus;
  readonly #metrics: Metrics;
  readonly #announcements: Announcements;
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

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  async #handle(batch: readonly ReceivedMessage[], context: BatchContext): Promise<void> {
    await withinScope(scopeOf(itemAt(batch, 0)), async () => {
      await this.#settle(batch, await this.#applyAll(batch, context));
    });
    this.#metrics.consumerLastHandled.setToCurrentTime();
  }

  async #applyAll(batch: readonly ReceivedMessage[], context: BatchContext): Promise<Outcome[]> {
    try {
      return await this.#applyRetrying(batch);
    } catch (error) {
      // Without an answer of the database nothing is known about the messages: they come again after a pause.
      if (!isUndecidable(error)) throw error;
      return this.#oneByOne(batch, context);
    }
  }

  async #applyRetrying(batch: readonly ReceivedMessage[]): Promise<Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#apply(batch);
      } catch (error) {
        if (!isConflict(error) || tries === CONFLICT_TRIES) throw error;
      }
    }
  }

  async #oneByOne(batch: readonly ReceivedMessage[], context: BatchContext): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const message of batch) {
      await context.heartbeat();
      try {
        outcomes.push(...(await this.#applyRetrying([message])));
      } catch (error) {
        // A message that only lost against others is not at fault: it comes again.
        if (isConflict(error) || !isUndecidable(error)) throw error;
        this.#env.log.error(
          { err: error, topic: message.topic, offset: message.offset },
          'a message could not be applied',
        );
        outcomes.push({ rejected: (error as Error).message });
      }
    }
    return outcomes;
  }

  /** Counts what became of the messages; those that can never take effect become dead letters before the offset moves. */
  async #settle(batch: readonly ReceivedMessage[], outcomes: readonly Outcome[]): Promise<void> {
    const failures = batch.flatMap((message, i): Failure[] => {
      const outcome = itemAt(outcomes, i);
      if (typeof outcome !== 'string') return [{ message, reason: outcome.rejected, attempts: 1 }];
      this.#metrics.consumed.inc({ topic: message.topic, outcome });
      return [];
    });
    await deadLetters(this.#env.fork, failures, this.#env.clock.now());
    for (const { message, reason } of failures) {
      const { topic, partition, offset } = message;
      this.#metrics.deadLetters.inc({ topic });
      this.#env.log.warn({ topic, partition, offset, reason }, 'message put among the dead letters');
    }
  }

  /** One transaction for everything of the batch that can be understood. */
  async #apply(batch: readonly ReceivedMessage[]): Promise<Outcome[]> {
    const read = batch.map((message) => this.#read(message));
    const understood = read.filter((one) => 'inbox' in one);
    const { record } = takerOf(itemAt(batch, 0).topic);
    const applied = understood.length > 0 ? await record(this.#env, understood, this.#announcements) : [];
    return read.map((one) => ('inbox' in one ? itemAt(applied, understood.indexOf(one)) : one));
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

/** An item of a list that has one for each message. @throws Error where it has not: the batch then comes again */
function itemAt<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`a batch has ${list.length} items, number ${index} was expected`);
  return item;
}
