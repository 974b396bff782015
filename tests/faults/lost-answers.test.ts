import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka } from '../support/kafka.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { buy } from './support/buyers.js';
import { auditLog } from './support/kafka-log.js';
import { startKafkaProxy, type KafkaProxy } from './support/kafka-proxy.js';
import { meanwhile } from './support/meanwhile.js';
import type { Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const PURCHASES = scaled(1_000);
const LOSSES = scaled(20);

(canStartSite() ? describe : describe.skip)('given a network between the service and Kafka that loses answers', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let proxy: KafkaProxy;
  let site: Site;
  let replica: Replica;

  beforeAll(async () => {
    proxy = await startKafkaProxy(() => kafka.port, 'order-service');
    kafka = await startKafka(proxy.port);
    const brokers = [`127.0.0.1:${proxy.port}`];
    site = await startSite({ brokers, students: PURCHASES });
    replica = await site.startReplica();
  }, 120_000);
  afterAll(async () => {
    await site.stop();
    await proxy.close();
    await kafka.stop();
  }, 60_000);

  it('when answers to what it published are lost, then everything is in the log, and nothing is called published that is not', async () => {
    const buying = buy(site, [replica], { purchases: PURCHASES, atOnce: 16 });
    const { result: accepted, count: losses } = await meanwhile(buying, {
      fault: (number) => proxy.loseProduceAnswer(number % 2 ? 'silent' : 'cut'),
      times: LOSSES,
      pauseMs: [50, 500],
    });
    const { wrongs } = await settle(site);
    const log = await auditLog(site);

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(await endings(site.sql, accepted)).toEqual(accepted);
    expect(log).toMatchObject({ missing: 0, neverCommitted: 0, outOfOrder: 0 });
    expect(losses).toBe(LOSSES);
    process.stdout.write(
      `answers of Kafka lost: ${PURCHASES} purchases, ${losses} losses; ${log.messages} messages in the log, ` +
        `${log.repeats} of them repeats, 0 missing\n`,
    );
  }, 900_000);
});
