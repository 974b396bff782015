/** A process in which promises are rejected and nobody handles it; afterwards it tells how many were counted. */
import { createLogger } from '../../../src/observability/log.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { surviveUnhandledRejections } from '../../../src/observability/unhandled-rejections.js';

const metrics = createMetrics();
const leave = surviveUnhandledRejections(metrics, createLogger('error'));
void Promise.reject(new Error('the router refused'));
void Promise.reject(undefined);
setTimeout(() => void tell(), 10);

async function tell(): Promise<void> {
  const [{ value = 0 } = {}] = (await metrics.unhandledRejections.get()).values;
  process.stdout.write(`counted ${value}\n`);
  leave();
  if (process.argv[2] === 'afterwards') void Promise.reject(new Error('nobody survives this'));
}
