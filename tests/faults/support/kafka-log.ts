import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { v5 as uuidv5 } from 'uuid';
import { publishedTopics, Topic } from '../../../src/messaging/topics.js';
import { eventually } from '../../support/eventually.js';
import { MADE_IN_BULK } from './due-orders.js';
import type { Site } from './site.js';

/** One message as it is in the log of a broker. */
export interface Logged {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly partition: number;
  readonly offset: number;
}

/** Reads whole topics from their beginnings to where they end now. */
export async function readLog(brokers: readonly string[], topics: readonly string[]): Promise<Logged[]> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'auditor', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const missing = new Set<string>();
  for (const topic of topics)
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (high !== low) missing.add(`${topic}/${partition}/${Number(high) - 1}`);
  await admin.disconnect();
  const found: Logged[] = [];
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const [key, value] = [message.key?.toString() ?? '', message.value?.toString() ?? ''];
      found.push({ topic, partition, key, value, offset: Number(message.offset) });
      missing.delete(`${topic}/${partition}/${message.offset}`);
    },
  });
  await eventually(() => missing.size === 0, Boolean, { limitMs: 60_000, everyMs: 50 });
  await consumer.disconnect();
  return found;
}

/** What is wrong with the log, in counts, and how much was looked at. */
export interface LogAudit {
  /** Messages that committed events call for and the log has not. */
  readonly missing: number;
  /** Messages about versions that no order has. */
  readonly neverCommitted: number;
  /** Orders of which a later version appeared before an earlier one. */
  readonly outOfOrder: number;
  readonly messages: number;
  readonly repeats: number;
}

interface Announced {
  readonly eventId: string;
  readonly payload: { readonly orderId: string; readonly orderVersion: number };
}

const CALLED_FOR: Readonly<Record<string, string>> = {
  PLACED: Topic.ORDER_CREATED,
  SUCCEEDED: Topic.ORDER_SUCCEEDED,
  FAILED: Topic.ORDER_FAILED,
  EXPIRED: Topic.ORDER_EXPIRED,
  CANCELLED: Topic.ORDER_CANCELLED,
  REFUNDED: Topic.ORDER_REFUNDED,
  REFUND_APPROVED: Topic.REFUND_REQUESTED,
};

/** Compares the log of the broker with the events of the database: orders of one course each. */
export async function auditLog(site: Site, sql = site.sql): Promise<LogAudit> {
  const topics = publishedTopics.filter((topic) => topic !== Topic.DEAD_LETTERS);
  const versions = new Map(
    (await sql<{ id: string; version: number }>('select id, version from orders')).map((row) => [row.id, row.version]),
  );
  const log = (await readLog(site.brokers, topics))
    .map(({ value, ...rest }) => ({ ...rest, ...(JSON.parse(value) as Announced) }))
    .filter(({ payload }) => versions.has(payload.orderId));
  const ids = new Set(log.map(({ eventId }) => eventId));
  const wanted = await eventIds(sql);
  return {
    missing: wanted.filter((id) => !ids.has(id)).length,
    neverCommitted: log.filter(({ payload }) => payload.orderVersion > (versions.get(payload.orderId) ?? 0)).length,
    outOfOrder: [...Map.groupBy(log, ({ payload }) => payload.orderId).values()].filter(isOutOfOrder).length,
    messages: log.length,
    repeats: log.length - ids.size,
  };
}

/** The ids of all messages that must be in the log, made from the events alone. Orders made in bulk were never announced. */
async function eventIds(sql: Site['sql']): Promise<string[]> {
  const events = await sql<{
    order_id: string;
    version: number;
    type: string;
    refund_id: string;
    instructor_id: string;
  }>(
    `select order_id, version, type, refund_id,
       (select instructor_id from order_items where order_id = order_events.order_id limit 1) as instructor_id
     from order_events where type = any($1) and not (type = 'PLACED' and occurred_at = $2)`,
    [Object.keys(CALLED_FOR), MADE_IN_BULK],
  );
  return events.map(({ order_id, version, type, refund_id, instructor_id }) => {
    const tells = { SUCCEEDED: instructor_id, REFUND_APPROVED: refund_id }[type] ?? '';
    return uuidv5(`${version}:${CALLED_FOR[type]}:${tells}`, order_id);
  });
}

/** The first appearances of an order's versions, within each topic: Kafka keeps no order between topics. */
function isOutOfOrder(messages: readonly (Announced & { topic: string; offset: number })[]): boolean {
  return [...Map.groupBy(messages, ({ topic }) => topic).values()].some((ofTopic) => {
    const seen = new Set<string>();
    const firsts = ofTopic
      .toSorted((a, b) => a.offset - b.offset)
      .filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId))
      .map(({ payload }) => payload.orderVersion);
    return firsts.some((version, i) => i > 0 && version < (firsts[i - 1] ?? 0));
  });
}
