import { expect, test } from '@jest/globals';
import { deadLetters as putAmongDeadLetters } from '../../../src/messaging/dead-letters.js';
import { onEachBus } from '../../support/buses.js';
import { T0 } from '../../support/test-clock.js';

import { consumerStand } from './consumer-stand.js';

onEachBus('dead letters', (openBuses) => {
  const at = consumerStand(openBuses);
  const { deadLetters } = at;

  test('one that even the dead letters cannot hold is kept without its text', async () => {
    await at.stand.sql(`alter table dead_letters add constraint refuses check (value not like '%poison%') not valid`);
    const message = (offset: string, value: string) => ({
      topic: 'u',
      partition: 1,
      offset,
      key: 'k',
      value,
      headers: {},
    });
    const failures = [message('1', 'bad'), message('2', 'poison'), message('3', 'bad')].map((one) => ({
      message: one,
      reason: 'broken',
      attempts: 1,
    }));
    await putAmongDeadLetters(at.stand.fork, failures, T0);
    await at.stand.sql('alter table dead_letters drop constraint refuses');
    expect(await at.stand.sql(`select "offset", value, reason from dead_letters where topic = 'u' order by 1`)).toEqual(
      [
        { offset: '1', value: 'bad', reason: 'broken' },
        { offset: '2', value: '', reason: 'broken (the text of the message cannot be stored)' },
        { offset: '3', value: 'bad', reason: 'broken' },
      ],
    );
  });

  test('what PostgreSQL cannot hold is kept all the same, once', async () => {
    const nul = 'a\u0000b';
    const message = { topic: 't', partition: 1, offset: '7', key: nul, value: nul, headers: { h: nul } };
    const failure = { message, reason: `broken: ${nul}`, attempts: 1 };
    for (let i = 0; i < 2; i++) await putAmongDeadLetters(at.stand.fork, [failure], T0);
    const kept = {
      originalKey: 'a\ufffdb',
      originalMessage: 'a\ufffdb',
      originalHeaders: { h: 'a\ufffdb' },
      originalOffset: '7',
    };
    expect(await deadLetters()).toMatchObject([kept]);
    const [row] = await at.stand.sql('select key, value, headers, reason from dead_letters where topic = $1', ['t']);
    expect(row).toEqual({ key: 'a\ufffdb', value: 'a\ufffdb', headers: { h: 'a\ufffdb' }, reason: 'broken: a\ufffdb' });
  });
});
