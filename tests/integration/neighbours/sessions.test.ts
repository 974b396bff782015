import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { SessionServiceDefinition } from '../../../src/generated/session_service.js';
import { eventually } from '../../support/eventually.js';
import type { Stand } from './stand.js';
import { openStand } from './stand.js';

const TOPIC = 'session.cancelled.v1';
const HTML = 'text/html,application/xhtml+xml';
const MINUTE_MS = 60_000;

let stand: Stand;
let next = 0;
beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand.close());

/** A session that no other test uses, with times. */
function anySession() {
  const session = stand.sample.sessions.filter(({ startsAt }) => startsAt)[next++];
  if (!session?.startsAt || !session.endsAt) throw new Error('the sample has too few sessions with times');
  return { ...session, lengthMs: session.endsAt.getTime() - session.startsAt.getTime() };
}

function sessionService() {
  return stand.client(SessionServiceDefinition, stand.neighbours.addresses.session);
}

async function press(path: string, accept = 'application/json') {
  const url = `${stand.neighbours.pageUrl}/sessions/${path}`;
  const response = await fetch(url, { method: 'POST', headers: { accept }, redirect: 'manual' });
  return { code: response.status, text: await response.text(), location: response.headers.get('location') };
}

async function pressed(path: string) {
  const { code, text } = await press(path);
  return { code, json: JSON.parse(text) as Record<string, unknown> };
}

async function listed(): Promise<{ id: string; maxSlots: number }[]> {
  const response = await fetch(`${stand.neighbours.pageUrl}/sessions`);
  return (await response.json()) as { id: string; maxSlots: number }[];
}

async function listPage(path: string): Promise<string> {
  const response = await fetch(`${stand.neighbours.pageUrl}${path}`, { headers: { accept: HTML } });
  return response.text();
}

/**
 * The events about a session, all of them: once the outbox is empty, a marker with the session's key is sent after them
 * and waited for.
 */
async function eventsAbout(id: string) {
  await eventually(async () => (await stand.pool.query('SELECT 1 FROM neighbours.outbox')).rowCount === 0);
  const marker = randomUUID();
  const publisher = stand.bus.publisher();
  await publisher.send([{ topic: TOPIC, key: id, value: JSON.stringify({ eventId: marker }) }], 5_000);
  await publisher.close();
  await eventually(() => stand.seen.some(({ envelope }) => envelope.eventId === marker));
  return stand.seen.filter(({ envelope }) => envelope.payload?.['sessionId'] === id);
}

async function expectUnknown(sessionId: string): Promise<void> {
  expect(await sessionService().getSession({ sessionId })).toMatchObject({ error: 'Session not found', maxSlots: 0 });
  expect(await sessionService().getAvailableSlots({ sessionId })).toEqual({
    availableSlots: 0,
    error: 'Session not found',
  });
  expect((await listed()).map(({ id }) => id)).not.toContain(sessionId);
}

describe('given a session that is cancelled', () => {
  it('then the service does not know it any more and tells it once', async () => {
    const { id } = anySession();
    const { code, json } = await pressed(`${id}/cancel`);
    expect([code, json]).toEqual([200, { sessionId: id, cancelledAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    await expectUnknown(id);
    expect(await eventsAbout(id)).toEqual([
      {
        topic: TOPIC,
        key: id,
        envelope: {
          eventId: expect.any(String),
          eventType: 'SessionCancelled',
          timestamp: expect.any(Number),
          source: 'session-service',
          payload: json,
        },
      },
    ]);
  });

  it('when it is cancelled by many at once, then one of them does it, and there is one event', async () => {
    const { id } = anySession();
    const answers = await Promise.all(Array.from({ length: 8 }, () => pressed(`${id}/cancel`)));
    expect(answers.map(({ code }) => code).toSorted()).toEqual([200, ...Array<number>(7).fill(404)]);
    expect(await eventsAbout(id)).toHaveLength(1);
  });
});

describe('given a session that is removed', () => {
  it('then it has vanished without an event, and nothing can be done with it', async () => {
    const { id } = anySession();
    expect(await pressed(`${id}/remove`)).toEqual({ code: 200, json: { sessionId: id } });
    await expectUnknown(id);
    for (const action of ['remove', 'cancel', 'capacity/5', 'start/60']) {
      expect((await pressed(`${id}/${action}`)).code).toBe(404);
    }
    expect(await eventsAbout(id)).toEqual([]);
  });
});

describe('given another number of seats', () => {
  it('then the service and the list tell it, without an event', async () => {
    const { id, title } = anySession();
    for (const seats of [3, 0, 100_000]) {
      const { code, json } = await pressed(`${id}/capacity/${seats}`);
      expect([code, json]).toEqual([200, expect.objectContaining({ id, title, maxSlots: seats })]);
      expect(await sessionService().getSession({ sessionId: id })).toMatchObject({ title, maxSlots: seats, error: '' });
      expect(await sessionService().getAvailableSlots({ sessionId: id })).toEqual({ availableSlots: seats, error: '' });
      expect((await listed()).find((session) => session.id === id)?.maxSlots).toBe(seats);
    }
    expect(await eventsAbout(id)).toEqual([]);
  });
});

describe('given another start', () => {
  const timesOf = async (sessionId: string) => {
    const { startsAt = '', endsAt = '' } = await sessionService().getSession({ sessionId });
    return { startsAt: Date.parse(startsAt), lengthMs: Date.parse(endsAt) - Date.parse(startsAt) };
  };

  it('in minutes, also past ones, then the session lasts as long as before, without an event', async () => {
    const { id, lengthMs } = anySession();
    for (const minutes of [90, -30]) {
      const before = Date.now() + minutes * MINUTE_MS;
      expect((await pressed(`${id}/start/${minutes}`)).code).toBe(200);
      const moved = await timesOf(id);
      expect(moved.lengthMs).toBe(lengthMs);
      expect(moved.startsAt).toBeGreaterThanOrEqual(before);
      expect(moved.startsAt).toBeLessThanOrEqual(Date.now() + minutes * MINUTE_MS);
    }
    expect(await eventsAbout(id)).toEqual([]);
  });

  it('as an ISO time, then a session without times gets it and an hour', async () => {
    const timeless = stand.sample.sessions.find(({ startsAt }) => !startsAt)?.id ?? '';
    expect((await pressed(`${timeless}/start/2040-01-02T10:00:00+05:30`)).code).toBe(200);
    expect(await timesOf(timeless)).toEqual({ startsAt: Date.UTC(2040, 0, 2, 4, 30), lengthMs: 60 * MINUTE_MS });
  });
});

describe('given a restart of the stand-ins', () => {
  it('then they know what was done, and repeat no event', async () => {
    const cancelled = anySession();
    const changed = anySession();
    await pressed(`${cancelled.id}/cancel`);
    await pressed(`${changed.id}/capacity/7`);
    await pressed(`${changed.id}/start/2041-05-06T07:00:00Z`);
    await eventsAbout(cancelled.id);
    await stand.restart();
    await expectUnknown(cancelled.id);
    expect(await sessionService().getSession({ sessionId: changed.id })).toMatchObject({
      maxSlots: 7,
      price: changed.price,
      startsAt: '2041-05-06T07:00:00.000Z',
      endsAt: new Date(Date.UTC(2041, 4, 6, 7) + changed.lengthMs).toISOString(),
    });
    expect(await eventsAbout(cancelled.id)).toHaveLength(1);
  });
});

describe('given wrong input', () => {
  it.each([
    'capacity/-1',
    'capacity/100001',
    'capacity/1.5',
    'capacity/many',
    'start/soon',
    'start/1.5',
    'start/2040-01-02',
  ])(
    'when the number is wrong (%s), then the answer is 400, says what is expected, and nothing changes',
    async (action) => {
      const [session] = await listed();
      const { code, json } = await pressed(`${session?.id}/${action}`);
      expect([code, json]).toEqual([400, { error: expect.stringMatching(/^(seats|start): expected/) }]);
      expect((await listed())[0]).toEqual(session);
    },
  );

  it.each(['cancel', 'remove', 'capacity/5', 'start/60'])(
    'when the id is unknown (%s), then the answer is 404',
    async (action) => {
      for (const id of [randomUUID(), "'--", '%3Cb%3E']) {
        expect(await pressed(`${id}/${action}`)).toEqual({
          code: 404,
          json: { error: 'no session has this id, or it was cancelled or removed' },
        });
      }
    },
  );
});

describe('given a browser', () => {
  let id: string;
  beforeAll(async () => {
    id = anySession().id;
    await pressed(`${id}/capacity/5`);
  });

  it.each(['/', '/sessions'])('then %s shows a session with its buttons, nothing from outside', async (path) => {
    const text = await listPage(path);
    for (const action of ['cancel', 'capacity/6', 'capacity/4']) {
      expect(text).toContain(`action="/sessions/${id}/${action}"`);
    }
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('when it presses a button, then it is led back to the list', async () => {
    expect(await press(`${id}/capacity/0`, HTML)).toMatchObject({ code: 303, location: '/sessions' });
    const text = await listPage('/sessions');
    expect(text).toContain(`/sessions/${id}/capacity/1"`);
    expect(text).not.toContain(`/sessions/${id}/capacity/-1"`);
  });

  it('when it asks for what is not there, then a page says why', async () => {
    const { code, text } = await press('%3Cscript%3E/cancel', HTML);
    expect([code, text.includes('no session has this id'), text.includes('<script>')]).toEqual([404, true, false]);
  });
});
