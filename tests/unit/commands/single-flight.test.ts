import { expect, test } from '@jest/globals';
import { SingleFlight } from '../../../src/commands/single-flight.js';

test('calls of one key run one after the other, those of others at once', async () => {
  const flight = new SingleFlight();
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise<void>((resolve) => gates.set(name, resolve));
    log.push(`${name} ends`);
    return name;
  };
  const calls = [flight.run('k', work('first')), flight.run('k', work('second')), flight.run('other', work('third'))];
  expect(log).toEqual(['first begins', 'third begins']);
  gates.get('first')?.();
  await calls[0];
  await new Promise(setImmediate);
  expect(log).toEqual(['first begins', 'third begins', 'first ends', 'second begins']);
  gates.get('second')?.();
  gates.get('third')?.();
  expect(await Promise.all(calls)).toEqual(['first', 'second', 'third']);
});

test('a call that fails fails alone', async () => {
  const flight = new SingleFlight();
  const failing = flight.run('k', () => Promise.reject(new Error('no')));
  const next = flight.run('k', async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
