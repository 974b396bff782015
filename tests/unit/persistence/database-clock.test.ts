import { describe, expect, test } from '@jest/globals';
import { createMetrics } from '../../../src/observability/metrics.js';
import { DatabaseClock } from '../../../src/persistence/database-clock.js';
import type { Fork } from '../../../src/persistence/orm.js';

const NOON = Date.parse('2026-03-01T12:00:00Z');

/** A machine and a database whose clocks are the test's, and round trips that take as long as it says. */
function machine() {
  const time = { monotonic: 1_000, database: NOON, machine: NOON };
  const trips: number[] = [];
  const pass = (ms: number) => {
    time.monotonic += ms;
    time.database += ms;
    time.machine += ms;
  };
  const execute = async () => {
    const trip = trips.shift() ?? 2;
    // Everything is spent on the way back: half of it is what a sample is wrong by.
    const ms = String(time.database);
    pass(trip);
    return [{ ms }];
  };
  const metrics = createMetrics();
  const clock = new DatabaseClock((() => ({ execute })) as unknown as Fork, {
    metrics,
    monotonicMs: () => time.monotonic,
    machineMs: () => time.machine,
  });
  const errorMs = () => Math.abs(clock.now().getTime() - time.database);
  return { clock, time, trips, pass, errorMs, metrics };
}

describe('the database’s time', () => {
  test('is not known before it was measured', () => {
    const { clock } = machine();
    expect(() => clock.now()).toThrow('was not measured yet');
    expect(clock.isUsable()).toBe(false);
  });

  test('is that of the quickest of several samples: a slow first one, with its connection to set up, shifts nothing', async () => {
    const { clock, trips, errorMs } = machine();
    trips.push(1_800, 900, 4, 700, 600);
    await clock.measure();
    expect(errorMs()).toBeLessThanOrEqual(2);
    expect(clock.isUsable()).toBe(true);
  });

  test('goes on by the monotonic clock: a step of the machine’s clock changes nothing, and is shown', async () => {
    const { clock, time, pass, errorMs } = machine();
    await clock.measure();
    for (const step of [3_600_000, -7_200_000]) {
      time.machine += step;
      pass(10_000);
      expect([errorMs() <= 1, clock.isUsable(), clock.isMachineClockRight()]).toEqual([true, true, false]);
    }
  });

  test('stays that of the last good sample while all are slow', async () => {
    const { clock, trips, pass, errorMs } = machine();
    await clock.measure();
    pass(60_000);
    trips.push(800, 900, 800, 900, 800);
    await clock.measure();
    expect(errorMs()).toBeLessThanOrEqual(1);
  });

  test('is uncertain by half of its round trip where there is no better sample, and is used unless that is a second', async () => {
    const slow = machine();
    slow.trips.push(...Array<number>(5).fill(1_500));
    await slow.clock.measure();
    expect([slow.clock.isUsable(), slow.errorMs()]).toEqual([true, 750]);
    const slower = machine();
    slower.trips.push(...Array<number>(5).fill(2_500));
    await slower.clock.measure();
    expect(slower.clock.isUsable()).toBe(false);
    await slower.clock.measure();
    expect([slower.clock.isUsable(), slower.errorMs() <= 1]).toEqual([true, true]);
  });

  test('follows a database that was failed over to another clock, also by slow samples', async () => {
    const { clock, time, trips, errorMs } = machine();
    await clock.measure();
    time.database += 90_000;
    trips.push(...Array<number>(5).fill(600));
    await clock.measure();
    expect(errorMs()).toBeLessThanOrEqual(300);
  });

  test('is not usable any more when no sample was good for hours', async () => {
    const { clock, pass } = machine();
    await clock.measure();
    pass(2 * 3_600_000);
    expect(clock.isUsable()).toBe(true);
    pass(2 * 3_600_000);
    expect(clock.isUsable()).toBe(false);
  });

  test('stands in the metrics with offset, round trip and uncertainty', async () => {
    const { clock, time, trips, metrics } = machine();
    time.machine += 5_000;
    trips.push(40, 20, 30, 30, 30);
    await clock.measure();
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/clock_offset_seconds 5\.0/);
    expect(text).toContain('clock_round_trip_seconds 0.02');
    expect(text).toMatch(/clock_uncertainty_seconds 0\.01/);
  });
});
