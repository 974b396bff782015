import { setTimeout as pause } from 'node:timers/promises';
import { generatedStudentIds } from '../../../dev/sample/generated-sample.js';
import { Attendee, type Seat } from './attendee.js';
import { forAll } from './buyers.js';
import type { Replica } from './replica.js';
import type { Site } from './site.js';

type Conduct = (attendee: Attendee, seat: Seat) => Promise<void>;

const LOOKS = 15;
const LOOK_MS = 200;

/** How often somebody looks for a change before giving up on it: it need not come. */
async function untilSeatIs(attendee: Attendee, wanted: (seat: Seat) => boolean): Promise<Seat | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const seat = await attendee.seat();
    if (seat && wanted(seat)) return seat;
    await pause(LOOK_MS);
  }
  return undefined;
}

const pressing = async (attendee: Attendee, seat: Seat, button: 'approve' | 'decline') => {
  const session = await attendee.openPayment(seat);
  if (session) await attendee.press(session, button);
};

const pays: Conduct = (attendee, seat) => pressing(attendee, seat, 'approve');
const isDeclined: Conduct = (attendee, seat) => pressing(attendee, seat, 'decline');
const givesUp: Conduct = (attendee, seat) => attendee.cancel(seat);
const forgets: Conduct = async () => undefined;
const returns: Conduct = async (attendee, seat) => {
  await pays(attendee, seat);
  const paid = await untilSeatIs(attendee, ({ status }) => status === 'CONFIRMED');
  if (paid) await attendee.cancel(paid);
};
/** Pays at the moment at which the seat is given up: the money may come before, or after, or not at all. */
const regrets: Conduct = async (attendee, seat) => {
  const session = await attendee.openPayment(seat);
  await Promise.all([attendee.cancel(seat), session && attendee.press(session, 'approve')]);
};
/** Pays after the seat was given up, where the payment page still lets one. */
const paysTooLate: Conduct = async (attendee, seat) => {
  const session = await attendee.openPayment(seat);
  await attendee.cancel(seat);
  if (session) await attendee.press(session, 'approve');
};

/** Ten people in a row: few keep a seat, so that seats go round. */
const MIX: readonly Conduct[] = [
  returns,
  isDeclined,
  givesUp,
  returns,
  forgets,
  regrets,
  returns,
  paysTooLate,
  isDeclined,
  givesUp,
];
/** One in so many pays and keeps the seat, and one in so many who wait stays in line. Both meet every session and conduct. */
const KEEPS = 47;
const STAYS_IN_LINE = 13;

/** What people came to. */
export interface Turnout {
  /** Got a seat at once, were given one while they waited, or none. */
  readonly booked: number;
  readonly promoted: number;
  readonly without: number;
}

export interface Audience {
  readonly people: number;
  readonly sessionIds: readonly string[];
  /** How many act at any time. */
  readonly atOnce: number;
}

/** Lets many people want seats of a few sessions. Who finds a session full waits for a while. */
export async function attend(site: Site, replicas: readonly Replica[], audience: Audience): Promise<Turnout> {
  const { people, sessionIds, atOnce } = audience;
  const students = generatedStudentIds(people);
  const turnout = { booked: 0, promoted: 0, without: 0 };
  await forAll(people, atOnce, async (n) => {
    const sessionId = sessionIds[Math.floor(n / MIX.length) % sessionIds.length] as string;
    const attendee = new Attendee(site, replicas, { userId: students[n] as string, sessionId, first: n });
    const booked = await attendee.book();
    const seat = booked ?? (await waitForSeat(attendee));
    turnout[booked ? 'booked' : seat ? 'promoted' : 'without'] += 1;
    if (seat) await conductOf(n, seat)(attendee, seat);
    else if (n % STAYS_IN_LINE) await leave(attendee);
  });
  return turnout;
}

/** There is nothing to pay in a free session: the seat can be kept or given up. */
function conductOf(n: number, { order }: Seat): Conduct {
  if (n % KEEPS === 0) return pays;
  return order ? (MIX[n % MIX.length] as Conduct) : givesUp;
}

async function waitForSeat(attendee: Attendee): Promise<Seat | undefined> {
  await attendee.join();
  return untilSeatIs(attendee, hasSeat);
}

/** Who was given a seat in the moment of leaving gives it up. */
async function leave(attendee: Attendee): Promise<void> {
  await attendee.leave();
  const seat = await attendee.seat();
  if (seat && hasSeat(seat)) await attendee.cancel(seat);
}

const hasSeat = ({ status }: Seat): boolean => status === 'PENDING' || status === 'CONFIRMED';
