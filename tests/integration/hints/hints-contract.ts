import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { Hint, Hints } from '../../../src/subscriptions/hints.js';
import { eventually } from '../../support/eventually.js';

/** What every implementation of the hints does. */
export function hintsContract(open: () => Hints): void {
  const opened: Hints[] = [];
  const newHints = (): Hints => {
    const hints = open();
    opened.push(hints);
    return hints;
  };
  const hint = (version: number): Hint => ({ aggregateId: 'ordér-✓', version });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((hints) => hints.close()));
  });

  test('a hint sent right after subscribe resolved arrives, in order, with what it carries', async () => {
    const hints = newHints();
    const channel = randomUUID();
    const seen: Hint[] = [];
    await hints.subscribe(channel, (received) => seen.push(received));
    for (let version = 1; version <= 50; version++) hints.publish(channel, hint(version));
    await eventually(
      () => seen.length,
      (length) => length === 50,
    );
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => hint(n + 1)));
  });

  test('every subscriber of a channel gets it, subscribers of other channels do not', async () => {
    const hints = newHints();
    const [mine, other] = [randomUUID(), randomUUID()];
    const seen: string[] = [];
    await Promise.all([
      hints.subscribe(mine, () => seen.push('first')),
      hints.subscribe(mine, () => seen.push('second')),
      hints.subscribe(other, () => seen.push('other')),
    ]);
    hints.publish(mine, hint(1));
    await eventually(
      () => seen.length,
      (length) => length === 2,
    );
    hints.publish(other, hint(2));
    await eventually(
      () => seen.length,
      (length) => length === 3,
    );
    expect(seen.toSorted()).toEqual(['first', 'other', 'second']);
  });

  test('an ended subscription gets nothing more, the other one of its channel goes on', async () => {
    const hints = newHints();
    const channel = randomUUID();
    const seen: string[] = [];
    const end = await hints.subscribe(channel, () => seen.push('ended'));
    await hints.subscribe(channel, () => seen.push('stays'));
    await end();
    hints.publish(channel, hint(1));
    await eventually(() => seen.length);
    hints.publish(channel, hint(2));
    await eventually(
      () => seen.length,
      (length) => length === 2,
    );
    expect(seen).toEqual(['stays', 'stays']);
  });

  test('subscribing again after the last one ended works', async () => {
    const hints = newHints();
    const channel = randomUUID();
    const seen: number[] = [];
    const end = await hints.subscribe(channel, () => seen.push(0));
    await end();
    await hints.subscribe(channel, ({ version }) => seen.push(version));
    hints.publish(channel, hint(7));
    await eventually(() => seen.length);
    expect(seen).toEqual([7]);
  });

  test('ping resolves while hints are carried; close ends everything', async () => {
    const hints = newHints();
    await hints.ping();
    await hints.subscribe(randomUUID(), () => undefined);
    await hints.close();
  });
}
