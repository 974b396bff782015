import type { SampleData, SampleSession, SampleUser } from '../sample/sample-data.js';
import { createAttendee, type Amount, type Attendee } from './attendee.js';
import { say, signIn } from './front-end.js';
import { SESSIONS } from './session-operations.js';

interface Session {
  readonly id: string;
  readonly title: string;
  readonly capacity: number;
  readonly price: Amount;
}

const SEATS = 2;
const priceOf = ({ amount, currency, decimalPlaces }: Amount) => `${amount / 10 ** decimalPlaces} ${currency}`;
const timeOf = (iso: string | null) => iso && new Date(iso).toLocaleTimeString('en-GB');

/**
 * Books the seats of a session with two of them: three people, one waits in line and gets the seat that another gives back.
 * Prints every step. @returns whether it ended so
 */
export async function bookSession({ users, sessions }: SampleData): Promise<boolean> {
  const [finder] = users;
  const session = finder && (await findSession(finder));
  if (!session) throw new Error(`no priced session with ${SEATS} seats is to come`);
  const people = attendeesOf(users, sessions, session.id);
  const attendees = await Promise.all(people.map((user) => createAttendee(user, session.id)));
  try {
    for (const attendee of attendees.toReversed()) await attendee.giveBack();
    const [first, second, third] = attendees;
    if (!first || !second || !third) throw new Error('the story needs three people who may book');
    return await tell(session, [first, second, third]);
  } finally {
    await Promise.all(attendees.map((attendee) => attendee.close()));
  }
}

async function findSession(user: SampleUser): Promise<Session | undefined> {
  const graph = await signIn(user);
  try {
    const { upcomingSessions } = await graph.run<{ upcomingSessions: Session[] }>(SESSIONS);
    return upcomingSessions.find(({ capacity, price }) => capacity === SEATS && price.amount > 0);
  } finally {
    await graph.close();
  }
}

/** Three people who may book: students first, but never who teaches the session. */
function attendeesOf(
  users: readonly SampleUser[],
  sessions: readonly SampleSession[],
  sessionId: string,
): SampleUser[] {
  const teacher = sessions.find(({ id }) => id === sessionId)?.instructorId;
  const able = users.filter(({ id, status }) => id !== teacher && status !== 'blocked' && status !== 'deleted');
  return able.toSorted((one, other) => rank(one) - rank(other)).slice(0, SEATS + 1);
}

const rank = ({ roles }: SampleUser) => (roles.includes('student') ? 0 : 1);

async function tell(session: Session, [first, waiting, other]: [Attendee, Attendee, Attendee]): Promise<boolean> {
  const { title, price } = session;
  const seat = await first.book();
  say(
    `1. ${first.name} books “${title}” (${priceOf(price)}): ${seat.status}, held until ${timeOf(seat.holdExpiresAt)}`,
  );
  await first.pay(seat);
  say(`2. ${first.name} has paid: the seat is theirs`);
  await other.pay(await other.book());
  say(`3. ${other.name} has booked and paid the other one of ${session.capacity} seats`);
  const { code } = await waiting.tryToBook();
  say(`4. ${waiting.name} wants one too: ${code}; waits in line at position ${await waiting.wait()}`);
  await giveUp(first, seat.id);
  const { viewerBooking: offered } = await waiting.look();
  if (!offered) throw new Error('the seat was not offered to who waits');
  say(`6. ${waiting.name} is offered the seat: ${offered.status}, held until ${timeOf(offered.holdExpiresAt)}`);
  await waiting.pay(offered);
  say(`7. ${waiting.name} has paid: the seat is theirs`);
  return showEnd(session, [first, other, waiting], ['CANCELLED', 'CONFIRMED', 'CONFIRMED']);
}

async function giveUp(attendee: Attendee, bookingId: string): Promise<void> {
  const { status, order } = await attendee.cancel(bookingId);
  const refunds = order?.refunds.map((refund) => `${priceOf(refund.amount)} go back, ${refund.status}`) ?? [];
  say(`5. ${attendee.name} gives the seat up: ${[status, ...refunds].join('; ')}`);
}

async function showEnd({ title, capacity }: Session, people: readonly Attendee[], wanted: readonly string[]) {
  const seen = await Promise.all(people.map((attendee) => attendee.look()));
  const states = seen.map(({ viewerBooking }) => viewerBooking?.status);
  const [{ remaining, waitlistLength } = { remaining: NaN, waitlistLength: NaN }] = seen;
  const each = people.map(({ name }, i) => `${name} ${states[i]}`).join(', ');
  say(`8. “${title}”: ${remaining} of ${capacity} seats left, ${waitlistLength} in line; ${each}`);
  return remaining === 0 && wanted.every((status, i) => states[i] === status);
}
