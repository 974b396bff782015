import type pg from 'pg';
import { compare } from '../support/compare.js';
import { CONNECTIONS, openCommands, type Commands } from '../support/commands.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { measure } from '../support/measure.js';
import { printShares, startProfile } from '../support/profile.js';
import { printMachine } from '../support/report.js';
import { bookingCommand, refusingCommand } from './booking-command.js';
import { bookWith, refuseWith } from './plain-sql.js';
import { announceSessions, type Wish } from './sessions.js';

const ROUNDS = 7;
const ROUND_MS = 3_000;
const CALLERS = 16;
const WANTED = 0.5;
const MANY_SEATS = 1_000_000;

type Book = (wish: Wish) => Promise<void>;

/** Booking seats, on one session and on many, and being refused one, against plain SQL; then where the time goes. */
export async function run(): Promise<void> {
  printMachine(`${databaseSettings}; ${CONNECTIONS} connections for either side`);
  await withDatabase((database) => withPool(database.url, CONNECTIONS, (pool) => compareAll(database, pool)));
}

async function compareAll(database: BenchDatabase, pool: pg.Pool): Promise<void> {
  const commands = await openCommands(database.url);
  await compareBooking(database, pool, commands, 1);
  await compareBooking(database, pool, commands, 1_000);
  await compareRefusing(database, pool, commands);
  await commands.close();
}

const loadOn = ({ pid }: BenchDatabase) => ({ callers: CALLERS, ms: ROUND_MS, processes: { database: pid } });

async function compareBooking(
  database: BenchDatabase,
  pool: pg.Pool,
  { env, neighbours }: Commands,
  sessions: number,
): Promise<void> {
  const name = sessions === 1 ? 'one session' : `${sessions} sessions`;
  // Sessions of its own for either side: none waits for a row of the other.
  const side = (whose: string, book: Book) => {
    const nextWish = announceSessions(neighbours, `${name} of ${whose}`, { sessions, capacity: MANY_SEATS });
    return () => measure(() => book(nextWish()), loadOn(database));
  };
  const ours = side('the command', bookingCommand(env));
  await compare({
    title: `booking on ${name}, ${CALLERS} callers`,
    baseline: ['plain pg', side('plain pg', bookWith(pool))],
    subject: ['booking command', ours],
    wanted: WANTED,
    rounds: ROUNDS,
  });
  const tell = await startProfile();
  const { ownMicros } = await ours();
  printShares(`the service’s processor time for a booking on ${name}`, await tell(), ownMicros);
}

async function compareRefusing(database: BenchDatabase, pool: pg.Pool, { env, neighbours }: Commands): Promise<void> {
  const nextWish = announceSessions(neighbours, 'full', { sessions: 1, capacity: 1 });
  await bookingCommand(env)(nextWish());
  const side = (refuse: Book) => () => measure(() => refuse(nextWish()), loadOn(database));
  await compare({
    title: `being refused by a full session, ${CALLERS} callers`,
    baseline: ['plain pg', side(refuseWith(pool))],
    subject: ['booking command', side(refusingCommand(env))],
    rounds: ROUNDS,
  });
}
