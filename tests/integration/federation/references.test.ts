import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { openGraphStand, type GraphStand, type Representation } from './graph-stand.js';

const MANY = 500;
const FEW = 50;
const BUYER = 'asha';
const STRANGER = 'ben';

let stand: GraphStand;
/** Of the buyer, one each course; of others, one each person. */
let orders: string[];
let othersOrders: string[];
let bookings: string[];
let othersBookings: string[];

const indices = Array.from({ length: MANY }, (_, n) => n);
const courseOf = (n: number) => `course ${n}`;
const personOf = (n: number) => `person ${n}`;
const sessionOf = (n: number) => idOf(`session ${n}`);
const of = (__typename: string, ids: readonly string[]): Representation[] => ids.map((id) => ({ __typename, id }));

async function bookFor(name: string, sessionId: string): Promise<string> {
  const outcome = await stand.bookSession(idOf(name), { sessionId, idempotencyKey: null });
  if (!('booking' in outcome) || !('replayed' in outcome)) throw new Error(`refused: ${outcome.message}`);
  return outcome.booking.id;
}

/** One after the other, so that the oldest comes first. */
async function inTurn<T>(make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (const n of indices) made.push(await make(n));
  return made;
}

beforeAll(async () => {
  stand = await openGraphStand();
  for (const n of indices) stand.neighbours.addSession(`session ${n}`, { capacity: 4 });
  orders = await inTurn(async (n) => (await placeFor(stand, BUYER, courseOf(n))).id);
  othersOrders = await inTurn(async (n) => (await placeFor(stand, personOf(n), courseOf(0))).id);
  bookings = await inTurn((n) => bookFor(BUYER, sessionOf(n)));
  othersBookings = await inTurn((n) => bookFor(personOf(n), sessionOf(n)));
}, 120_000);
afterAll(() => stand.close());

const ORDER = `... on Order { id status total { amount } items { title price { amount } } payments { id } refunds { id }
  timeline { version type } availableActions { name allowed } }`;
const BOOKING = `... on SessionBooking { id status holdExpiresAt order { id status } session { title remaining } availableActions { name allowed } }`;
const SESSION = `... on Session { id title price { amount } remaining waitlistLength viewerBooking { id status } viewerWaitlistPosition }`;
const USER = `... on User { id hasPurchased(courseId: "${idOf(courseOf(0))}")
  orders(first: 2) { nodes { id items { title } } totalCount } sessionBookings(first: 2) { nodes { id } totalCount } }`;
const COURSE = `... on Course { id viewerHasPurchased viewerOrder { id status items { title } } sales { orders } }`;

describe('given references of one kind, an answer costs the same few statements however many there are', () => {
  const people = indices.map((n) => idOf(personOf(n)));
  const courses = indices.map((n) => idOf(courseOf(n)));
  const sessions = indices.map(sessionOf);

  test.each([
    ['orders, with everything of them', 'Order', ORDER, () => orders, 1],
    ['bookings, with session and order', 'SessionBooking', BOOKING, () => bookings, 2],
    ['sessions, with what the viewer has to do with them', 'Session', SESSION, () => sessions, 3],
    ['users, with pages and counts', 'User', USER, () => people, 5],
    ['courses, with what the viewer has to do with them', 'Course', COURSE, () => courses, 3],
  ])('%s', async (_what, type, selection, ids, statements) => {
    const few = await stand.entities('operator', of(type, ids().slice(0, FEW)), selection);
    const many = await stand.entities('operator', of(type, ids()), selection);
    expect([few.errors, many.errors]).toEqual([[], []]);
    expect([few.statements, many.statements]).toEqual([statements, statements]);
    expect(many.entities.map(({ id }) => id)).toEqual(ids());
    expect(many.entities.slice(0, FEW)).toEqual(few.entities);
  });

  test('then each answer belongs to its reference', async () => {
    const found = await stand.entities('operator', of('User', people), USER);
    expect(
      found.entities.map((user) => [user.orders.totalCount, user.orders.nodes[0].id, user.sessionBookings.totalCount]),
    ).toEqual(people.map(() => [2, expect.any(String), 1]));
    const mine = await stand.entities(BUYER, of('Course', courses), '... on Course { viewerOrder { id } }');
    expect(mine.entities.map(({ viewerOrder }) => viewerOrder.id)).toEqual(orders);
    const seats = await stand.entities(
      BUYER,
      of('Session', sessions),
      '... on Session { remaining viewerBooking { id } }',
    );
    expect(seats.entities.map(({ remaining, viewerBooking }) => [remaining, viewerBooking.id])).toEqual(
      bookings.map((id) => [2, id]),
    );
  });
});

describe('given references that repeat, that nobody knows, and that are none', () => {
  const unknown = idOf('nobody knows');

  test('then every place has its own answer, in the order they were asked for, at the cost of one statement a kind', async () => {
    const [one, two] = [orders[0] ?? '', orders[1] ?? ''];
    const wanted = [two, unknown, one, 'x', one.toUpperCase(), two, ''];
    const found = await stand.entities(BUYER, of('Order', wanted), '... on Order { id }');
    expect(found.errors).toEqual([]);
    expect(found.entities.map((order) => order?.id ?? null)).toEqual([two, null, one, null, one, two, null]);
    expect(found.statements).toBe(1);

    const [booked] = bookings;
    const seats = await stand.entities(
      BUYER,
      of('SessionBooking', ['%', booked ?? '', unknown]),
      '... on SessionBooking { id }',
    );
    expect(seats.entities.map((booking) => booking?.id ?? null)).toEqual([null, booked, null]);
    expect([seats.errors, seats.statements]).toEqual([[], 1]);
  });

  test.each([
    [
      'User',
      USER,
      { orders: { nodes: [], totalCount: 0 }, sessionBookings: { nodes: [], totalCount: 0 }, hasPurchased: false },
    ],
    [
      'Session',
      SESSION,
      { title: null, price: null, remaining: null, viewerBooking: null, viewerWaitlistPosition: null },
    ],
    ['Course', COURSE, { viewerHasPurchased: false, viewerOrder: null, sales: [] }],
  ])('then a %s that nobody knows is there, with nothing of ours', async (type, selection, empty) => {
    const found = await stand.entities('operator', of(type, [unknown]), selection);
    expect(found.errors).toEqual([]);
    expect(found.entities).toEqual([
      { __typename: type, id: unknown, ...empty, ...(type === 'Session' ? { waitlistLength: 0 } : {}) },
    ]);
  });

  test.each([
    ['User', USER, ['orders', 'sessionBookings', 'hasPurchased']],
    ['Session', SESSION, ['title', 'price', 'remaining', 'waitlistLength', 'viewerBooking', 'viewerWaitlistPosition']],
    ['Course', COURSE, ['viewerHasPurchased', 'viewerOrder', 'sales']],
  ])('then a malformed id of a %s spoils nothing of its neighbours', async (type, selection, fields) => {
    const good = { User: idOf(personOf(1)), Session: sessionOf(1), Course: idOf(courseOf(1)) }[type] ?? '';
    const alone = await stand.entities('operator', of(type, [good]), selection);
    const { entities, errors, statements } = await stand.entities('operator', of(type, ['x,y', good, '{"']), selection);
    expect(errors).toEqual([]);
    expect(entities[1]).toEqual(alone.entities[0]);
    expect(statements).toBe(alone.statements);
    for (const bad of [entities[0], entities[2]])
      expect(Object.fromEntries(fields.map((name) => [name, bad[name]]))).toEqual(
        Object.fromEntries(fields.map((name) => [name, null])),
      );
  });

  test('then an id in capitals is the same one', async () => {
    const ids = { User: idOf(BUYER), Session: sessionOf(1), Course: idOf(courseOf(1)) };
    for (const [type, selection] of [
      ['User', USER],
      ['Session', SESSION],
      ['Course', COURSE],
    ] as const) {
      const small = await stand.entities(BUYER, of(type, [ids[type]]), selection.replace('sales { orders }', ''));
      const large = await stand.entities(
        BUYER,
        of(type, [ids[type].toUpperCase()]),
        selection.replace('sales { orders }', ''),
      );
      expect(large.errors).toEqual([]);
      expect({ ...large.entities[0], id: ids[type] }).toEqual(small.entities[0]);
    }
  });
});

describe('given things of others', () => {
  test('then a buyer finds their own among them and nothing else, in the right places', async () => {
    const mixed = indices.flatMap((n) => [othersOrders[n] ?? '', orders[n] ?? '']);
    const found = await stand.entities(BUYER, of('Order', mixed), ORDER);
    expect(found.errors).toEqual([]);
    expect(found.entities.map((order) => order?.id ?? null)).toEqual(orders.flatMap((id) => [null, id]));
    const seats = indices.flatMap((n) => [bookings[n] ?? '', othersBookings[n] ?? '']);
    const booked = await stand.entities(BUYER, of('SessionBooking', seats), BOOKING);
    expect(booked.entities.map((booking) => booking?.id ?? null)).toEqual(bookings.flatMap((id) => [id, null]));
  });

  test.each([
    ['a stranger', STRANGER],
    ['nobody', null],
  ])('then %s finds nothing', async (_who, who) => {
    const wanted = [...of('Order', orders.slice(0, FEW)), ...of('SessionBooking', bookings.slice(0, FEW))];
    const found = await stand.entities(who, wanted, '... on Order { id } ... on SessionBooking { id }');
    expect(found.entities).toEqual(wanted.map(() => null));
    const viewer =
      '... on Session { viewerBooking { id } viewerWaitlistPosition } ... on Course { viewerOrder { id } viewerHasPurchased }';
    const around = await stand.entities(
      who,
      [...of('Session', [sessionOf(0)]), ...of('Course', [idOf(courseOf(0))])],
      viewer,
    );
    expect(around.errors).toEqual([]);
    expect(around.entities).toEqual([
      { __typename: 'Session', viewerBooking: null, viewerWaitlistPosition: null },
      { __typename: 'Course', viewerOrder: null, viewerHasPurchased: who === null ? null : false },
    ]);
  });

  test('then a user’s pages are refused to others one by one, and the own one is answered', async () => {
    const people = [idOf(personOf(0)), idOf(BUYER), idOf(personOf(1))];
    const { entities, errors } = await stand.entities(
      BUYER,
      of('User', people),
      '... on User { id orders { totalCount } }',
    );
    expect(entities.map(({ id, orders: page }) => [id, page?.totalCount ?? null])).toEqual([
      [people[0], null],
      [people[1], 2 * MANY],
      [people[2], null],
    ]);
    expect(errors.map(({ extensions, path }) => [extensions?.['code'], path])).toEqual([
      ['FORBIDDEN', ['_entities', 0, 'orders']],
      ['FORBIDDEN', ['_entities', 2, 'orders']],
    ]);
  });
});
