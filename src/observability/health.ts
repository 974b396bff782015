import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** Something that a replica works with, and whether it works now. */
export interface HealthCheck {
  /** As `/ready` and the metrics name it. */
  readonly name: string;
  /** True: without it this replica cannot serve, and must get no requests. False: the service goes on, worse. */
  readonly required: boolean;
  /**
   * Asked in the background, again and again.
   * @returns true where it works; false, or a sentence that says what does not, where not. A rejection means the same
   */
  check(): Promise<boolean | string> | boolean | string;
}

/** The state of a replica, as it was seen last. */
export interface Health {
  /** False: this replica must get no requests. */
  readonly ready: boolean;
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly parts: Readonly<Record<string, 'up' | 'down'>>;
  /** What does not work, of the parts that are down and say it. */
  readonly problems: Readonly<Record<string, string>>;
}

export interface HealthMonitorOptions {
  readonly metrics?: Pick<Metrics, 'healthUp' | 'ready'> | undefined;
  readonly log?: Logger | undefined;
  /** Pause between two looks at a part, ms. */
  readonly everyMs?: number;
  /** A part that does not answer in this time is down, ms. */
  readonly limitMs?: number;
}

interface State {
  readonly check: HealthCheck;
  up: boolean;
  problem: string | undefined;
  timer?: NodeJS.Timeout | undefined;
}

const EVERY_MS = 1_000;
const LIMIT_MS = 2_000;

/**
 * Watches everything that a replica works with. Whoever asks for the state is answered at once with what was seen last, so
 * that no probe waits for a part that does not answer.
 */
export class HealthMonitor {
  readonly #states: readonly State[];
  readonly #options: HealthMonitorOptions;
  #stopping = false;

  constructor(checks: readonly HealthCheck[], options: HealthMonitorOptions = {}) {
    this.#states = checks.map((check) => ({ check, up: false, problem: 'not looked at yet' }));
    this.#options = options;
  }

  /** Resolves when every part was looked at once. */
  async start(): Promise<void> {
    await Promise.all(this.#states.map((state) => this.#look(state)));
  }

  /** The state as it was seen last; never waits. */
  current(): Health {
    const { metrics } = this.#options;
    const isDown = ({ up }: State) => !up;
    const ready = !this.#stopping && !this.#states.some((state) => state.check.required && isDown(state));
    metrics?.ready.set(ready ? 1 : 0);
    const parts = Object.fromEntries(this.#states.map(({ check, up }) => [check.name, up ? 'up' : 'down'] as const));
    const problems = this.#states.flatMap(({ check, problem }) => (problem ? [[check.name, problem] as const] : []));
    return {
      ready,
      status: ready ? (this.#states.some(isDown) ? 'degraded' : 'healthy') : 'unhealthy',
      parts: { ...parts, serving: this.#stopping ? 'down' : 'up' },
      problems: Object.fromEntries(problems),
    };
  }

  /** Not ready any more, from now on: the process is stopping. */
  leave(): void {
    this.#stopping = true;
    this.current();
  }

  stop(): void {
    this.#stopping = true;
    for (const { timer } of this.#states) clearTimeout(timer);
  }

  async #look(state: State): Promise<void> {
    const answer = await this.#ask(state.check);
    const up = answer === true;
    const problem = typeof answer === 'string' ? answer : undefined;
    if (up !== state.up || problem !== state.problem) this.#tell(state.check, up, problem);
    Object.assign(state, { up, problem });
    this.#options.metrics?.healthUp.set({ part: state.check.name }, up ? 1 : 0);
    if (this.#stopping) return;
    state.timer = setTimeout(() => void this.#look(state), this.#options.everyMs ?? EVERY_MS);
    state.timer.unref();
  }

  async #ask(check: HealthCheck): Promise<boolean | string> {
    const limit = Promise.withResolvers<boolean | string>();
    const timer = setTimeout(() => limit.resolve('does not answer'), this.#options.limitMs ?? LIMIT_MS);
    try {
      return await Promise.race([check.check(), limit.promise]);
    } catch (error) {
      this.#options.log?.debug({ err: error, part: check.name }, 'a part does not work');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  #tell({ name: part, required }: HealthCheck, up: boolean, problem: string | undefined): void {
    const { log } = this.#options;
    if (up) log?.info({ part }, 'a part works');
    else log?.warn({ part, required, problem }, 'a part does not work');
  }
}
