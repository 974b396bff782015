import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { takeIn, type InboxKey } from '../../../src/persistence/inbox.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { T0 } from '../../support/test-clock.js';

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

const key = (eventKey: string, topic = 'topic'): InboxKey => ({ topic, eventKey });

/** Takes keys in, in a transaction of its own, and says of each whether it was new. */
const take = (keys: readonly InboxKey[]) =>
  stand.fork().transactional(async (em) => {
    const isNew = await takeIn(em, keys, T0);
    return keys.map(isNew);
  });

test('a message is new once, within a batch and over batches', async () => {
  expect(await take([key('a'), key('b'), key('a'), key('a')])).toEqual([true, true, false, false]);
  expect(await take([key('b'), key('c')])).toEqual([false, true]);
});

test('the same event id on another topic is another message', async () => {
  expect(await take([key('same', 'one'), key('same', 'two')])).toEqual([true, true]);
});

test('keys are text of any kind', async () => {
  const odd = ["it's", '?', 'a\nb', '$1', 'ключ', '\\', '%s'].map((text) => key(text));
  expect(await take(odd)).toEqual(odd.map(() => true));
  expect(await take(odd)).toEqual(odd.map(() => false));
});

test('nothing to take is no statement', async () => {
  stand.proxy.takeStatements();
  expect(await take([])).toEqual([]);
  expect(stand.proxy.takeStatements()).toEqual([]);
});

test('what is rolled back was never taken in', async () => {
  const failing = stand.fork().transactional(async (em) => {
    await takeIn(em, [key('undone')], T0);
    throw new Error('no after all');
  });
  await expect(failing).rejects.toThrow('no after all');
  expect(await take([key('undone')])).toEqual([true]);
});

test('batches with the same messages in opposite orders, at once: each is new in one of them, no deadlock', async () => {
  const other = await stand.newProcess();
  for (let round = 0; round < 20; round++) {
    const keys = Array.from({ length: 30 }, (_, n) => key(`${round}/${n}`));
    const takeAt = (fork: typeof stand.fork, wanted: readonly InboxKey[]) =>
      fork().transactional(async (em) => {
        const isNew = await takeIn(em, wanted, T0);
        return wanted.filter(isNew).length;
      });
    const counts = await Promise.all([takeAt(stand.fork, keys), takeAt(other.fork, keys.toReversed())]);
    expect(counts.sort((a, b) => a - b)).toEqual([0, 30]);
  }
});
