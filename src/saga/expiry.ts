import type { Environment } from '../commands/environment.js';
import { expireDueOrders } from '../commands/expire-orders.js';
import { Loop } from '../observability/loop.js';
import type { Metrics } from '../observability/metrics.js';

const BATCH = 100;
const POLL_MS = 1_000;

/** Sweeps orders whose time has come, in small transactions that new orders can pass. */
export class ExpirySweep {
  readonly #loop: Loop;

  /** @param newsAreCurrent false while the consumer of payment news is behind or dead */
  constructor(env: Environment, metrics: Metrics, newsAreCurrent: () => boolean) {
    const round = async () => {
      const { expired, postponed } = await expireDueOrders(env, BATCH, newsAreCurrent());
      metrics.expired.inc(expired);
      return expired + postponed === BATCH;
    };
    this.#loop = new Loop('expiry', POLL_MS, round, env.log);
  }

  start(): void {
    this.#loop.start();
  }

  isHealthy(): boolean {
    return this.#loop.isRunning();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }
}
