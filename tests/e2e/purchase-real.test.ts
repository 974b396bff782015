import { describe } from '@jest/globals';
import { kafkaBrokers } from '../support/kafka.js';
import { redisUrl } from '../support/redis.js';
import { purchaseSuite } from './purchase-suite.js';

const [brokers, redis] = [kafkaBrokers(), redisUrl()];

const env =
  brokers && redis
    ? { KAFKA_BROKERS: brokers.join(','), REDIS_URL: redis, KAFKA_CONSUMER_GROUP: `orders-${process.pid}` }
    : undefined;

(env ? describe : describe.skip)('a purchase with real Kafka and Redis', () => purchaseSuite(() => env ?? {}));
