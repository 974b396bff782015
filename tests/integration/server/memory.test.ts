import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MessageType } from 'graphql-ws';
import WebSocket from 'ws';
import { eventually } from '../../support/eventually.js';
import { startMeasuredProcess, type MeasuredProcess } from './measured-process.js';

const DISTINCT = process.env.FULL ? 50_000 : 5_000;
const MEGABYTE = 1_024 * 1_024;
const AT_ONCE = 16;
const FIELDS = ['id', 'number', 'status', 'version', 'placedAt', 'total { amount currency }', 'items { title }'];

/** The order query number `i`: every subset of the fields, under names that make each text unlike the others. */
function orderQuery(i: number): string {
  const fields = FIELDS.filter((_field, bit) => i & (1 << bit));
  return `query Order${i}($id: ID!) { order(id: $id) { __typename ${fields.join(' ')} buyer { id } } }`;
}

let measured: MeasuredProcess;
beforeEach(async () => void (measured = await startMeasuredProcess()), 60_000);
afterEach(() => measured.stop());

async function ask(query: string): Promise<void> {
  const body = JSON.stringify({ query, variables: { id: '1' } });
  const answer = await fetch(measured.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { errors } = (await answer.json()) as { errors?: { extensions: { code: string } }[] };
  expect(errors?.map(({ extensions }) => extensions.code) ?? []).not.toContain('GRAPHQL_VALIDATION_FAILED');
}

/** Asks `count` operations, each twice. */
async function askTwice(operation: (i: number) => string, count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      await ask(operation(i));
      await ask(operation(i));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe('given a process that is asked operations which all differ', () => {
  test.each([
    ['of one field', (i: number) => `query Q${i} { __typename }`],
    ['of an order', orderQuery],
  ])(
    `%s, ${DISTINCT} of them twice, then its heap grows by less than 64 MB`,
    async (_name, operation) => {
      // What is loaded and compiled by V8 on the way does not count.
      await askTwice((i) => operation(DISTINCT + i), 500);
      const before = await measured.measure();
      await askTwice(operation, DISTINCT);
      expect(((await measured.measure()).bytes - before.bytes) / MEGABYTE).toBeLessThan(64);
    },
    600_000,
  );
});

describe('given a WebSocket whose client asks and does not read', () => {
  test('then it is closed, and the process holds little of what it did not read', async () => {
    const socket = new WebSocket(measured.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: MessageType.ConnectionInit }));
    await once(socket, 'message');
    const before = await measured.measure();
    expect(before.warnings).toBe(0);
    socket.pause();
    const payload = { query: '{ _service { sdl } }' };
    for (let i = 0; i < 3_000; i++) socket.send(JSON.stringify({ id: `${i}`, type: MessageType.Subscribe, payload }));
    const after = await eventually(measured.measure, ({ warnings }) => warnings > before.warnings);
    expect(after.warnings).toBe(1);
    expect((after.bytes - before.bytes) / MEGABYTE).toBeLessThan(32);
    const closed = once(socket, 'close');
    socket.resume();
    expect(await closed).toEqual([1013, Buffer.from('The client reads too slowly.')]);
    expect((await measured.measure()).warnings).toBe(before.warnings + 1);
  }, 120_000);
});
