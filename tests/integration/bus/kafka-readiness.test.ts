import { describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { isNotReadyYet, whenReady } from '../../../src/messaging/bus/kafka-readiness.js';
import { testLog } from '../../support/log.js';

/** An answer of a broker, as kafkajs makes an error of it. */
const answer = (type: string, retriable: boolean) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error(type), { type, retriable }));
const LOADING = answer('GROUP_LOAD_IN_PROGRESS', true);
const FORBIDDEN = answer('TOPIC_AUTHORIZATION_FAILED', false);
const COORDINATOR_UNKNOWN = Object.assign(new kafkajs.KafkaJSNonRetriableError('Failed to find group coordinator'), {
  name: 'KafkaJSGroupCoordinatorNotFound',
});

/** Work that fails in turn with each error and then succeeds. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  let calls = 0;
  const work = async () => {
    calls += 1;
    const error = left.shift();
    if (error) throw error;
  };
  return { work, calls: () => calls };
}

describe('whether Kafka is not ready yet', () => {
  test.each([
    ['a coordinator that is loading', LOADING, true],
    ['a partition that its broker does not know yet', answer('UNKNOWN_TOPIC_OR_PARTITION', true), true],
    [
      'the same after the tries of kafkajs',
      new kafkajs.KafkaJSNumberOfRetriesExceeded(LOADING, { retryCount: 5, retryTime: 1_000 }),
      true,
    ],
    ['a coordinator that no broker knows', COORDINATOR_UNKNOWN, true],
    ['one topic of several', new kafkajs.KafkaJSAggregateError('topics', [FORBIDDEN, LOADING]), true],
    ['a refusal', FORBIDDEN, false],
    ['a broker that is away', new kafkajs.KafkaJSConnectionError('Connection error: ECONNREFUSED'), false],
    ['an error of ours', new TypeError('no function'), false],
  ])('%s: %s', (_name, error, expected) => expect(isNotReadyYet(error)).toBe(expected));
});

describe('what is done when Kafka is ready', () => {
  const options = { what: 'trying', limitMs: 5_000, log: testLog() };

  test('is tried until it succeeds', async () => {
    const { work, calls } = failing(LOADING, COORDINATOR_UNKNOWN);
    await whenReady(work, options);
    expect(calls()).toBe(3);
  });

  test('is not tried again after an error that stays', async () => {
    const { work, calls } = failing(LOADING, FORBIDDEN);
    await expect(whenReady(work, options)).rejects.toBe(FORBIDDEN);
    expect(calls()).toBe(2);
  });

  test('is given up after the limit, with what Kafka said last', async () => {
    const { work } = failing(...Array<Error>(100).fill(LOADING));
    const since = performance.now();
    await expect(whenReady(work, { ...options, limitMs: 200 })).rejects.toBe(LOADING);
    expect(performance.now() - since).toBeLessThan(1_500);
  });

  test('is given up when it is not wanted any more', async () => {
    const { work, calls } = failing(LOADING, LOADING);
    await expect(whenReady(work, { ...options, signal: AbortSignal.abort() })).rejects.toBe(LOADING);
    expect(calls()).toBe(1);
  });
});
