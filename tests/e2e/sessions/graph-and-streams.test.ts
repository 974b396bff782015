import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signToken } from '../../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { eventually } from '../../support/eventually.js';
import { connectGraph, type Answer } from '../support/graph.js';
import { openSessionStand, type Attendee, type SessionStand } from './session-stand.js';
import {
  book,
  bookAndPay,
  bookingOf,
  cancel,
  FOLLOW_BOOKING,
  FOLLOW_OWN,
  join,
  startPaying,
  untilBooking,
} from './session-steps.js';

interface Change {
  readonly version: number;
  readonly from: string | null;
  readonly to: string;
  readonly snapshot: boolean;
  readonly cursor: string;
  readonly ends: string | null;
  readonly booking: { readonly id: string };
}

const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) {
  ... on SessionBooking { id status } ... on Session { id title remaining viewerBooking { id } }
  ... on User { id sessionBookings { nodes { id } } } } }`;

let stand: SessionStand;

beforeAll(async () => {
  stand = await openSessionStand();
}, 60_000);
afterAll(() => stand.stop(), 30_000);

const changes = (answers: readonly Answer[]): Change[] =>
  answers.map(({ data }) => data.sessionBookingStatusChanged ?? data.mySessionBookingsChanged);
const short = ({ version, from, to, snapshot, ends }: Change) => [version, from, to, snapshot, ends];

describe('given bookings of somebody', () => {
  it('then the graph leads to them from the list of sessions, from the person and from the order', async () => {
    const [attendee, mine, other] = [stand.attendee(), stand.session(), stand.session({ price: 0 })];
    const { id, title, order } = await bookAndPay(stand.product, attendee, mine);
    const { data } = await attendee.ask(
      '{ upcomingSessions { id title remaining price { amount } viewerBooking { id status order { id } } } }',
    );
    expect(data.upcomingSessions).toContainEqual({
      id: mine,
      title,
      remaining: 1,
      price: { amount: 19_900 },
      viewerBooking: { id, status: 'CONFIRMED', order: { id: order.id } },
    });
    expect(data.upcomingSessions).toContainEqual(
      expect.objectContaining({ id: other, remaining: 2, price: { amount: 0 }, viewerBooking: null }),
    );
    const own = await attendee.ask(
      `{ me { id sessionBookings(status: [CONFIRMED]) { totalCount nodes { id attendee { id name } } } }
         order(id: "${order.id}") { items { session { id title } booking { id status } } } }`,
    );
    expect(own).toEqual({
      data: {
        me: {
          id: attendee.id,
          sessionBookings: {
            totalCount: 1,
            nodes: [{ id, attendee: { id: attendee.id, name: expect.stringMatching(/^Student \d+$/) } }],
          },
        },
        order: { items: [{ session: { id: mine, title }, booking: { id, status: 'CONFIRMED' } }] },
      },
    });
  });

  it('then entities are answered in the order they were asked for, each as the viewer may see it', async () => {
    const [attendee, stranger, sessionId] = [stand.attendee(), stand.attendee(), stand.session({ price: 0 })];
    const { id, title } = await book(attendee, sessionId);
    const of = [
      { __typename: 'Session', id: sessionId },
      { __typename: 'SessionBooking', id },
      { __typename: 'User', id: attendee.id },
    ];
    const session = { id: sessionId, title, remaining: 1 };
    expect(await askSubgraph(attendee, of)).toEqual({
      data: {
        _entities: [
          { ...session, viewerBooking: { id } },
          { id, status: 'CONFIRMED' },
          { id: attendee.id, sessionBookings: { nodes: [{ id }] } },
        ],
      },
    });
    const { data, errors } = await askSubgraph(stranger, of);
    expect(data._entities).toEqual([
      { ...session, viewerBooking: null },
      null,
      { id: attendee.id, sessionBookings: null },
    ]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  });

  it('then a stranger finds and follows nothing, an operator sees it, and nobody gets in without a token', async () => {
    const [attendee, stranger] = [stand.attendee(), stand.attendee()];
    const { id } = await book(attendee, stand.session({ price: 0 }));
    expect(await bookingOf(stranger, id)).toBeNull();
    const stream = stranger.follow(FOLLOW_BOOKING, { id });
    await stream.ended;
    expect(stream.answers).toMatchObject([{ data: null, errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
    expect(await bookingOf(stand.admin, id)).toMatchObject({ id, attendeeId: attendee.id });
    const { errors } = await stand.product.anonymous().ask('{ mySessionBookings { totalCount } }');
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  async function askSubgraph({ id: userId }: Attendee, of: object[]): Promise<Answer> {
    const token = await signToken({ userId, roles: ['student'], ttlSeconds: 60, secret: LAPTOP_JWT_SECRET });
    const graph = connectGraph(`http://127.0.0.1:${stand.product.laptop.config.HTTP_PORT}/graphql`, token);
    try {
      return await graph.ask(ENTITIES, { of });
    } finally {
      await graph.close();
    }
  }
});

describe('given a booking that is followed', () => {
  it('when it is paid and given up, then every event comes once and in order, and the stream ends complete', async () => {
    const attendee = stand.attendee();
    const { id, order } = await book(attendee, stand.session());
    const stream = attendee.follow(FOLLOW_BOOKING, { id });
    await eventually(() => stream.answers.length === 1);
    await stand.product.press('approve', await startPaying(attendee, order.id));
    await untilBooking(attendee, id, 'CONFIRMED');
    await cancel(attendee, id);
    expect(await stream.ended).toBeUndefined();
    expect(changes(stream.answers).map(short)).toEqual([
      [1, null, 'PENDING', true, null],
      [2, 'PENDING', 'CONFIRMED', false, null],
      [3, 'CONFIRMED', 'CANCELLED', false, 'COMPLETE'],
    ]);

    const later = attendee.follow(FOLLOW_BOOKING, { id, after: 0 });
    expect(await later.ended).toBeUndefined();
    expect(changes(later.answers).map(({ version, snapshot }) => [version, snapshot])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
    expect(await toldOf(id, 3)).toEqual([
      { topic: 'session.booking.created.v1', version: 1, status: 'pending' },
      { topic: 'session.booking.confirmed.v1', version: 2, status: 'confirmed' },
      { topic: 'session.booking.cancelled.v1', version: 3, status: 'cancelled' },
    ]);
  });

  /** What the platform was told of a booking, as soon as it is so much. */
  async function toldOf(bookingId: string, count: number) {
    const rows = await eventually(
      () =>
        stand.product.sql<{ topic: string; value: string }>(
          `select topic, value from bus.messages where topic like 'session.booking.%' and key = $1`,
          [bookingId],
        ),
      ({ length }) => length === count,
    );
    return rows
      .map(({ topic, value }) => ({ topic, ...JSON.parse(value).payload }))
      .map(({ topic, bookingVersion: version, status }) => ({ topic, version, status }))
      .sort((one, other) => one.version - other.version);
  }
});

describe('given somebody who follows all their bookings', () => {
  it('when a seat is given to them from the line, then they learn it there, and a resumed stream leaves nothing out', async () => {
    const [holder, attendee] = [stand.attendee(), stand.attendee()];
    const sessionId = stand.session({ price: 0, maxSlots: 1 });
    const held = await book(holder, sessionId);
    await join(attendee, sessionId);
    const own = await book(attendee, stand.session({ price: 0 }));
    const stream = attendee.follow(FOLLOW_OWN, { after: await cursorOf(attendee, own.id) });
    await eventually(() => stream.answers.length === 1);
    await cancel(holder, held.id);
    await eventually(() => stream.answers.length === 3);
    const seen = changes(stream.answers);
    expect(seen.map(short)).toEqual([
      [2, null, 'CONFIRMED', true, null],
      [1, null, 'PENDING', false, null],
      [2, 'PENDING', 'CONFIRMED', false, null],
    ]);
    const given = seen[2]?.booking.id ?? '';
    expect(seen.map(({ booking }) => booking.id)).toEqual([own.id, given, given]);
    stream.stop();

    await cancel(attendee, own.id);
    const resumed = attendee.follow(FOLLOW_OWN, { after: seen.at(-1)?.cursor });
    const ofOwn = () => changes(resumed.answers).filter(({ booking }) => booking.id === own.id);
    await eventually(() => ofOwn().length === 1);
    expect(ofOwn().map(short)).toEqual([[3, null, 'CANCELLED', true, null]]);
    await cancel(attendee, given);
    await eventually(() => changes(resumed.answers).some(({ version, snapshot }) => version === 3 && !snapshot));
    expect(changes(resumed.answers).at(-1)).toMatchObject({ to: 'CANCELLED', version: 3, booking: { id: given } });
    resumed.stop();
  });

  /** The place of a booking's newest event in its attendee's own stream. */
  async function cursorOf(attendee: Attendee, id: string): Promise<string | undefined> {
    const stream = attendee.follow(FOLLOW_BOOKING, { id });
    await eventually(() => stream.answers.length === 1);
    stream.stop();
    return changes(stream.answers)[0]?.cursor;
  }
});
