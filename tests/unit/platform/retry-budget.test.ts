import { expect, test } from '@jest/globals';
import { RetryBudget } from '../../../src/platform/retry-budget.js';

/** Makes so many calls, each of which asks for two retries. @returns how many it was given */
function retriesOf(budget: RetryBudget, calls: number): number {
  let given = 0;
  for (let call = 0; call < calls; call++) {
    budget.save();
    for (let retry = 0; retry < 2; retry++) if (budget.take()) given += 1;
  }
  return given;
}

test('given a quiet time, then single failures are retried', () => {
  expect(retriesOf(new RetryBudget(), 5)).toBe(10);
});

test('given calls that all fail, then retries are a tenth of them beside the ones saved up', () => {
  const given = retriesOf(new RetryBudget(), 1_000);
  expect(given).toBeGreaterThanOrEqual(108);
  expect(given).toBeLessThanOrEqual(110);
});

test('given many good calls, then no more is saved up than for a short burst', () => {
  const budget = new RetryBudget();
  for (let call = 0; call < 10_000; call++) budget.save();
  expect(retriesOf(budget, 10)).toBe(10);
});
