import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/**
 * Keeps the process alive when a rejected promise has no handler: Node would end it, and all other work with it.
 * Such a rejection is a defect: it is logged as an error and counted.
 * @returns ends it
 */
export function surviveUnhandledRejections({ unhandledRejections }: Metrics, log: Logger): () => void {
  const survive = (reason: unknown) => {
    unhandledRejections.inc();
    log.error({ err: reason }, 'a promise was rejected and nobody handled it');
  };
  process.on('unhandledRejection', survive);
  return () => void process.off('unhandledRejection', survive);
}
