import { afterEach, describe, expect, test } from '@jest/globals';
import { HealthMonitor, type HealthCheck } from '../../../src/observability/health.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { eventually } from '../../support/eventually.js';

const never = () => new Promise<boolean>(() => undefined);
const part = (name: string, check: HealthCheck['check'], required = false): HealthCheck => ({ name, required, check });
const database = part('database', () => true, true);

let monitor: HealthMonitor;
afterEach(() => monitor.stop());

async function watching(checks: readonly HealthCheck[], metrics = createMetrics()) {
  monitor = new HealthMonitor(checks, { everyMs: 5, limitMs: 20, metrics });
  await monitor.start();
  return { current: () => monitor.current(), metrics };
}

describe('the state of a replica', () => {
  test('is healthy while everything works', async () => {
    const { current } = await watching([database, part('hints', async () => true)]);
    const parts = { database: 'up', hints: 'up', serving: 'up' };
    expect(current()).toEqual({ ready: true, status: 'healthy', parts, problems: {} });
  });

  test.each<[string, HealthCheck['check'], string | undefined]>([
    ['says no', () => false, undefined],
    ['says what is wrong', async () => 'topic/3 stands still', 'topic/3 stands still'],
    ['throws', () => Promise.reject(new Error('away')), undefined],
    ['does not answer', never, 'does not answer'],
  ])('is degraded, but ready, when a part that is not required %s', async (_, check, problem) => {
    const { current } = await watching([database, part('hints', check)]);
    expect(current()).toMatchObject({ ready: true, status: 'degraded', parts: { database: 'up', hints: 'down' } });
    expect(current().problems).toEqual(problem ? { hints: problem } : {});
  });

  test.each<[string, HealthCheck['check']]>([
    ['says no', () => false],
    ['says what is wrong', () => 'not applied: Migration1_a'],
    ['throws', () => Promise.reject(new Error('away'))],
    ['does not answer', never],
  ])('is unhealthy and not ready when a required part %s', async (_, check) => {
    const { current } = await watching([part('hints', () => true), part('database', check, true)]);
    expect(current()).toMatchObject({ ready: false, status: 'unhealthy', parts: { database: 'down', hints: 'up' } });
  });

  test('is told at once, also while a part does not answer', async () => {
    const answer = Promise.withResolvers<boolean>();
    let calls = 0;
    const { current } = await watching([part('slow', () => (calls++ === 0 ? true : answer.promise))]);
    await eventually(() => calls === 2);
    expect(current().status).toBe('healthy');
    answer.resolve(true);
  });

  test('follows its parts, and stands in the metrics', async () => {
    let up = true;
    const { current, metrics } = await watching([database, part('hints', () => up)]);
    up = false;
    await eventually(() => current().status === 'degraded');
    const text = await metrics.registry.metrics();
    expect(text).toContain('order_service_health_up{part="hints"} 0');
    expect(text).toContain('order_service_ready 1');
    up = true;
    await eventually(() => current().status === 'healthy');
  });

  test('is not ready at once when the process is told to stop', async () => {
    const { current, metrics } = await watching([database]);
    monitor.leave();
    expect(current()).toMatchObject({ ready: false, status: 'unhealthy', parts: { database: 'up', serving: 'down' } });
    expect(await metrics.registry.metrics()).toContain('order_service_ready 0');
  });
});
