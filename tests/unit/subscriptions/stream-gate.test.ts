import { describe, expect, test } from '@jest/globals';
import { closable } from '../../../src/subscriptions/mailbox.js';
import { StreamGate, TooManyStreams } from '../../../src/subscriptions/stream-gate.js';

const refusal = (enter: () => unknown): string | undefined => {
  try {
    enter();
    return undefined;
  } catch (error) {
    if (error instanceof TooManyStreams) return error.of;
    throw error;
  }
};

describe('the gate of live streams', () => {
  test('lets so many of a viewer in, and as many again as have left', () => {
    const gate = new StreamGate({ perViewer: 2, total: 9 });
    const leave = gate.enter('a');
    gate.enter('a');
    expect(refusal(() => gate.enter('a'))).toBe('viewer');
    expect(refusal(() => gate.enter('b'))).toBeUndefined();
    leave();
    leave();
    expect(refusal(() => gate.enter('a'))).toBeUndefined();
    expect(refusal(() => gate.enter('a'))).toBe('viewer');
  });

  test('lets so many in in all', () => {
    const gate = new StreamGate({ perViewer: 2, total: 3 });
    const leave = ['a', 'a', 'b'].map((viewer) => gate.enter(viewer))[2];
    expect(refusal(() => gate.enter('c'))).toBe('process');
    leave?.();
    expect(refusal(() => gate.enter('c'))).toBeUndefined();
  });
});

describe('a stream has ended', () => {
  async function* numbers(fails = false): AsyncGenerator<number, void, void> {
    yield 1;
    if (fails) throw new Error('the database is away');
  }
  const open = (fails = false) => {
    let ends = 0;
    const stream = closable(
      numbers(fails),
      () => undefined,
      () => void (ends += 1),
    );
    return { stream, ends: () => ends };
  };

  test('when nothing more comes', async () => {
    const { stream, ends } = open();
    await stream.next();
    expect(ends()).toBe(0);
    await stream.next();
    expect(ends()).toBe(1);
  });

  test('when its reader leaves', async () => {
    const { stream, ends } = open();
    await stream.next();
    await stream.return?.();
    expect(ends()).toBe(1);
  });

  test('when it fails', async () => {
    const { stream, ends } = open(true);
    await stream.next();
    await expect(stream.next()).rejects.toThrow('the database is away');
    expect(ends()).toBe(1);
  });
});
