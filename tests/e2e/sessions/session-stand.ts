import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleSession } from '../../../dev/sample/sample-data.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import type { Graph } from '../support/graph.js';
import { startProduct, type Product } from '../support/product.js';
import { people } from '../support/purchase-steps.js';

const HOUR = 3_600_000;
const SESSIONS = 20;

/** A student who has booked nothing yet, and what the graph shows them. */
export interface Attendee extends Graph {
  readonly id: string;
}

/** A notice as the notification service gets it. */
export interface SentNotice {
  readonly topic: string;
  readonly userId: string;
  readonly title: string;
  readonly text: string;
}

/** A product with sessions and attendees of which every test takes its own. */
export interface SessionStand {
  readonly product: Product;
  readonly admin: Graph;
  attendee(): Attendee;
  /** A session: in six days, for an hour, INR 199, two seats, unless the test wants it otherwise. @returns its id */
  session(wanted?: Partial<SampleSession>): string;
  /** Does something to a session at its service, such as `cancel` or `capacity/3`. */
  act(sessionId: string, action: string): Promise<void>;
  /** Lets the time of an order pass, with that of its payments: the sweep looks at the stored times. */
  passHold(orderId: string): Promise<void>;
  /** The money of an order has gone back, says the payment service. */
  settleRefund(refundId: string): Promise<void>;
  /** The notices about a booking, as soon as there are so many. */
  notices(bookingId: string, count: number): Promise<SentNotice[]>;
  /** @throws Error when an order of a seat was announced as one of courses */
  stop(): Promise<void>;
}

/** Begins in so many hours, and lasts one. */
export function inHours(hours: number): Pick<SampleSession, 'startsAt' | 'endsAt'> {
  const startsAt = new Date(Date.now() + hours * HOUR);
  return { startsAt, endsAt: new Date(startsAt.getTime() + HOUR) };
}

export async function openSessionStand(): Promise<SessionStand> {
  const product = await startWithSessions();
  const { sample } = product.laptop;
  const unused = [...sample.sessions];
  const named: string[] = [people.asha, people.ben, people.blocked];
  const students = sample.users.filter(({ id, roles }) => roles.includes('student') && !named.includes(id));
  const attendees = await Promise.all(students.map(async ({ id }) => ({ ...(await product.as(id)), id })));
  return {
    product,
    admin: await product.as(people.admin, { roles: ['admin'] }),
    attendee: () => taken(attendees.pop(), 'attendees'),
    session: (wanted = {}) => Object.assign(taken(unused.pop(), 'sessions'), inHours(144), wanted).id,
    act: (sessionId, action) => post(`${product.pageUrl}/sessions/${sessionId}/${action}`),
    settleRefund: (refundId) =>
      eventually(async () => {
        await post(`${product.pageUrl}/refunds/${refundId}/settle`);
        return true;
      }).then(() => undefined),
    passHold: (orderId) => passHold(product, orderId),
    notices: (bookingId, count) =>
      eventually(
        () => noticesAbout(product, bookingId),
        (notices) => notices.length === count,
      ),
    async stop() {
      const announced = await product.sql(`select value from bus.messages where topic like 'order.course.%'`);
      await product.stop();
      if (announced.length > 0) throw new Error(`orders of seats were announced: ${JSON.stringify(announced)}`);
    },
  };
}

/** The session service is asked again every second; the sample has sessions to spare. */
async function startWithSessions(): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-sessions-'));
  try {
    const file = join(folder, 'sample.json');
    const sample = JSON.parse(readFileSync('dev/sample-data.json', 'utf8')) as object;
    const sessions = Array.from({ length: SESSIONS }, (_, i) => ({
      id: idOf(`session ${i}`),
      title: `Session ${i}`,
      price: 199,
      maxSlots: 2,
      instructorId: people.ines,
    }));
    writeFileSync(file, JSON.stringify({ ...sample, sessions }));
    return await startProduct({ SAMPLE_DATA: file, SAMPLE_STUDENTS: '40', SESSION_CHECK_SECONDS: '1' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function taken<T>(one: T | undefined, what: string): T {
  if (one === undefined) throw new Error(`all ${what} of the stand are in use`);
  return one;
}

async function post(url: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}

async function passHold(product: Product, orderId: string): Promise<void> {
  await product.sql(`update payment_attempts set deadline = now() - interval '1 second' where order_id = $1`, [
    orderId,
  ]);
  await product.sql(
    `update orders set payable_until = now() - interval '1 second', expires_at = now() - interval '1 second' where id = $1`,
    [orderId],
  );
}

async function noticesAbout(product: Product, bookingId: string): Promise<SentNotice[]> {
  const rows = await product.sql<{ topic: string; value: string }>(
    `select topic, value from bus.messages where key = $1 and topic like 'notification.channel.%' order by topic`,
    [bookingId],
  );
  return rows.map(({ topic, value }) => {
    const { userId, subject, title = subject, body, message = body } = JSON.parse(value).payload;
    return { topic, userId, title, text: message };
  });
}
