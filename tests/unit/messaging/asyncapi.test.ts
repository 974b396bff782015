import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { consumedTopics, publishedTopics } from '../../../src/messaging/topics.js';
import { asyncApi, misfits, topicsOf } from '../../support/asyncapi.js';

describe('docs/asyncapi.yaml', () => {
  test('is a valid AsyncAPI 3 document', () => {
    const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
    validate(asyncApi());
    expect(validate.errors).toBeNull();
  });

  test('names exactly the topics that the service takes part in', () => {
    expect(topicsOf('send')).toEqual([...publishedTopics].sort());
    expect(topicsOf('receive')).toEqual([...consumedTopics].sort());
  });

  test('tells messages that do not fit from those that do', () => {
    const id = '8d116ece-1738-47d9-bd9c-172411e20b8f';
    const payload = {
      orderId: id,
      userId: id,
      items: [{ courseId: id, price: 49_900 }],
      amount: 49_900,
      currency: 'INR',
    };
    const message = (changes: object) => ({
      topic: 'order.course.failed.v1',
      value: JSON.stringify({
        eventId: id,
        eventType: 'CourseOrderFailed',
        timestamp: 1,
        eventVersion: '0.0.1',
        source: 'order-service',
        payload: { ...payload, orderVersion: 3, ...changes },
      }),
    });
    expect(misfits([message({})])).toEqual([]);
    expect(misfits([message({ amount: 499.5 })])).toEqual(['order.course.failed.v1 /payload/amount: must be integer']);
    expect(misfits([message({ more: 1 })])).toEqual([
      'order.course.failed.v1 /payload: must NOT have additional properties',
    ]);
    expect(misfits([{ ...message({}), key: id }])).toEqual([]);
    expect(misfits([{ ...message({}), key: 'another' }])).toEqual(['order.course.failed.v1: another key, another']);
    expect(misfits([{ topic: 'x', value: '{}' }])).toEqual(['x: not in the document']);
  });
});
