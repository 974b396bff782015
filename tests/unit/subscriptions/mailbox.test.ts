import { describe, expect, test } from '@jest/globals';
import { Mailbox } from '../../../src/subscriptions/mailbox.js';

const LATER = new Date(Date.now() + 60_000);

describe('a mailbox', () => {
  test('given more than its limit, then all before the gap is there and nothing after it', async () => {
    const mailbox = new Mailbox<number>(3);
    mailbox.put([1, 2]);
    mailbox.put([3, 4]);
    mailbox.put([5]);
    expect(mailbox.overflown).toBe(true);
    expect([await mailbox.take(LATER), await mailbox.take(LATER)]).toEqual([[1, 2], []]);
  });

  test('given exactly its limit, then it is not overflown, and takes more once it was read', async () => {
    const mailbox = new Mailbox<number>(3);
    mailbox.put([1, 2, 3]);
    expect(await mailbox.take(LATER)).toEqual([1, 2, 3]);
    mailbox.put([4, 5, 6]);
    expect([mailbox.overflown, await mailbox.take(LATER)]).toEqual([false, [4, 5, 6]]);
  });

  test('given a reader that waits, then it gets what comes, and nothing once it is closed', async () => {
    const mailbox = new Mailbox<number>(3);
    const first = mailbox.take(LATER);
    mailbox.put([1]);
    expect(await first).toEqual([1]);
    const second = mailbox.take(LATER);
    mailbox.close();
    expect([await second, mailbox.closed]).toEqual([[], true]);
  });
});
