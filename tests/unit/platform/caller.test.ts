import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, ServerError, Status, type CallContext, type Server } from 'nice-grpc';
import { SessionServiceDefinition } from '../../../src/generated/session_service.js';
import { withCorrelationId } from '../../../src/observability/correlation.js';
import { Caller } from '../../../src/platform/caller.js';
import { NeighbourDown } from '../../../src/platform/neighbours.js';
import { startTcpProxy } from '../../faults/support/tcp-proxy.js';
import { eventually } from '../../support/eventually.js';

const PATIENT_MS = 20_000;
const IMPATIENT_MS = 300;
const AT_ONCE = 256;
const WAITING = 1_024;
const FAILURES_TO_OPEN = 10;

let server: Server;
let address: string;
let caller: Caller;
/** What the neighbour does with a call, and how often it was asked. */
let behave: (context: CallContext) => Promise<void>;
let asked: number;

beforeEach(async () => {
  asked = 0;
  behave = async () => undefined;
  server = createServer();
  server.add(SessionServiceDefinition, {
    getSession: async (_request, context) => {
      asked += 1;
      await behave(context);
      return { error: '', price: 1, maxSlots: 1 };
    },
    getAvailableSlots: () => Promise.reject(new Error('not asked here')),
  });
  address = `127.0.0.1:${await server.listen('127.0.0.1:0')}`;
  caller = new Caller('session', address, PATIENT_MS);
});
afterEach(() => {
  caller.close();
  server.forceShutdown();
});

const fails = (status: Status) => async () => {
  throw new ServerError(status, 'as the test wants it');
};
const question = () => {
  const client = caller.client(SessionServiceDefinition);
  return (options: object) => client.getSession({ sessionId: 'x' }, options);
};
const read = () => caller.read(question());
const write = () => caller.write(question());

/** What became of a call: `answered`, `down`, or the status. */
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'answered',
    (error: { code?: Status }) =>
      (error instanceof NeighbourDown ? 'down' : Status[error.code ?? Status.UNKNOWN]) ?? '',
  );
const inTurn = async (count: number, call: () => Promise<unknown>): Promise<string[]> => {
  const outcomes: string[] = [];
  for (let i = 0; i < count; i++) outcomes.push(await outcome(call()));
  return outcomes;
};
const times = (count: number, one: string) => Array.from({ length: count }, () => one);
/** Holds calls back until they are let go. */
function gate() {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  behave = () => held;
  return letGo;
}

describe('given a neighbour that fails', () => {
  test.each([
    ['UNAVAILABLE', 3],
    ['ABORTED', 3],
    ['RESOURCE_EXHAUSTED', 1],
    ['NOT_FOUND', 1],
    ['INTERNAL', 1],
  ] as const)('when it answers %s, then a read asks %i times and a write once', async (status, tries) => {
    behave = fails(Status[status]);
    const expected = ['NOT_FOUND', 'INTERNAL'].includes(status) ? status : 'down';
    expect(await outcome(read())).toBe(expected);
    expect(asked).toBe(tries);
    expect(await outcome(write())).toBe(expected);
    expect(asked).toBe(tries + 1);
  });

  test('when it was asked and failed, then the failure says so', async () => {
    behave = fails(Status.UNAVAILABLE);
    await expect(write()).rejects.toMatchObject({ name: 'NeighbourDown', wasAsked: true });
  });

  test('when a retry succeeds, then so does the call', async () => {
    behave = async () => {
      if (asked === 1) throw new ServerError(Status.UNAVAILABLE, 'once');
    };
    expect(await outcome(read())).toBe('answered');
    expect(asked).toBe(2);
  });

  test('when it does not answer in time, then it is not asked again', async () => {
    const letGo = gate();
    caller.close();
    caller = new Caller('session', address, IMPATIENT_MS);
    expect(await outcome(read())).toBe('down');
    expect(asked).toBe(1);
    letGo();
  });

  test('when it has failed often enough, then it is left alone for a while and works again by itself', async () => {
    behave = fails(Status.UNAVAILABLE);
    expect(await inTurn(FAILURES_TO_OPEN + 5, write)).toEqual(times(FAILURES_TO_OPEN + 5, 'down'));
    expect(asked).toBe(FAILURES_TO_OPEN);
    await expect(write()).rejects.toMatchObject({ name: 'NeighbourDown', wasAsked: false });
    behave = async () => undefined;
    await eventually(
      () => outcome(write()),
      (seen) => seen === 'answered',
      { everyMs: 100 },
    );
    expect(asked).toBe(FAILURES_TO_OPEN + 1);
  });
});

test('given a connection over which nothing is ever heard, when a new one would work, then it is opened', async () => {
  const proxy = await startTcpProxy(address);
  proxy.silence();
  caller.close();
  caller = new Caller('session', proxy.address, IMPATIENT_MS);
  expect(await Promise.all(times(FAILURES_TO_OPEN, '').map(() => outcome(write())))).toEqual(
    times(FAILURES_TO_OPEN, 'down'),
  );
  await proxy.pass();
  await eventually(
    () => outcome(write()),
    (seen) => seen === 'answered',
    { everyMs: 100 },
  );
  expect(asked).toBe(1);
  await proxy.close();
});

describe('given a neighbour that refuses', () => {
  test('when it refuses very often, then it is still asked every time', async () => {
    behave = fails(Status.NOT_FOUND);
    expect(await inTurn(100, read)).toEqual(times(100, 'NOT_FOUND'));
    expect(asked).toBe(100);
  });

  test('when a refusal comes between failures, then these are not in a row', async () => {
    for (let round = 0; round < 3; round++) {
      behave = fails(Status.UNAVAILABLE);
      await inTurn(FAILURES_TO_OPEN - 1, write);
      behave = fails(Status.NOT_FOUND);
      expect(await outcome(write())).toBe('NOT_FOUND');
    }
    expect(asked).toBe(3 * FAILURES_TO_OPEN);
  });
});

describe('given a neighbour that holds every call', () => {
  test('when more are made than may wait, then those are refused at once and the others answered', async () => {
    const letGo = gate();
    const made = times(AT_ONCE + WAITING, '').map(() => outcome(write()));
    expect(await inTurn(3, write)).toEqual(times(3, 'down'));
    await eventually(() => asked === AT_ONCE);
    letGo();
    expect(new Set(await Promise.all(made))).toEqual(new Set(['answered']));
    expect(asked).toBe(AT_ONCE + WAITING);
  });

  test('when a call had to wait, then it carries its own correlation id', async () => {
    const seen = new Set<string | undefined>();
    const letGo = gate();
    const held = behave;
    behave = (context) => {
      seen.add(context.metadata.get('x-correlation-id'));
      return held(context);
    };
    const made = times(AT_ONCE + 5, '').map((_, i) => withCorrelationId(`call ${i}`, write));
    await eventually(() => asked === AT_ONCE);
    letGo();
    await Promise.all(made);
    expect(seen.size).toBe(AT_ONCE + 5);
  });
});
