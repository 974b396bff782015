import { eventually } from '../../../support/eventually.js';
import { idOf } from '../../../support/ids.js';
import type { OrderStand } from '../../../support/order-stand.js';
import type { sessionCommands } from '../session-stand.js';

/** A person's orders of the session, oldest first, by the time they were placed. */
type Orders = Map<string, string[]>;

/** The same session at the real service, over a real database. */
export class RealSeats {
  readonly #stand: OrderStand;
  readonly #commands: ReturnType<typeof sessionCommands>;
  readonly #orders: Orders = new Map();
  #calls = 0;

  constructor(
    stand: OrderStand,
    commands: ReturnType<typeof sessionCommands>,
    readonly sessionId: string,
  ) {
    this.#stand = stand;
    this.#commands = commands;
  }

  get commands() {
    return this.#commands;
  }

  /** A key, or the name of a payment, that no other call of the run has. */
  nextKey(): string {
    return `call-${this.sessionId}-${++this.#calls}`;
  }

  /** A person of this run. */
  name(person: string): string {
    return `${person} of ${this.sessionId}`;
  }

  setCapacity(capacity: number): void {
    this.#stand.neighbours.addSession(this.sessionName, { capacity });
  }

  get sessionName(): string {
    return [...this.#stand.neighbours.liveSessions].find(([id]) => id === this.sessionId)?.[1].title ?? '';
  }

  advance(ms: number): void {
    this.#stand.clock.advance(ms);
  }

  /** The id of a person's order by its number, from 1. */
  async orderOf(person: string, number: number): Promise<string> {
    const known = this.#orders.get(person)?.[number - 1];
    if (known) return known;
    const rows = await this.#stand.sql<{ id: string }>(
      `select orders.id from orders join order_events event on event.order_id = orders.id and event.version = 1
       where orders.buyer_id = $1 and orders.session_id = $2 order by event.recorded_at, event.id`,
      [idOf(this.name(person)), this.sessionId],
    );
    this.#orders.set(
      person,
      rows.map(({ id }) => id),
    );
    const id = rows[number - 1]?.id;
    if (!id) throw new Error(`${person} has no order ${number}`);
    return id;
  }

  async bookingOf(person: string): Promise<string> {
    const [row] = await this.#stand.sql<{ id: string }>(
      `select id from session_bookings where attendee_id = $1 and session_id = $2 and status in ('PENDING', 'CONFIRMED')`,
      [idOf(this.name(person)), this.sessionId],
    );
    if (!row) throw new Error(`${person} has no live booking`);
    return row.id;
  }

  /**
   * Does something; where `crashAt` is given, the process loses its connection at that message to the database, and
   * everything is done again as after a restart.
   */
  async twice<T>(crashAt: number | null, act: () => Promise<T>): Promise<T> {
    if (crashAt === null) return act();
    let left = crashAt;
    this.#stand.proxy.loseAnswerOf(() => --left < 0);
    try {
      await act();
    } catch {
      // Whoever called knows nothing about the effect: that is the case to be tested.
    } finally {
      this.#stand.proxy.loseAnswerOf(() => false);
    }
    await this.#untilRolledBack();
    await this.#endLeases();
    return act();
  }

  /** The database learns a moment later that the connection is gone; until then its transaction holds what it has locked. */
  async #untilRolledBack(): Promise<void> {
    const open = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`;
    await eventually(
      () => this.#stand.sql<{ n: number }>(open),
      ([row]) => row?.n === 0,
    );
  }

  /** What the dead process had taken is to be had again, as after its leases. */
  async #endLeases(): Promise<void> {
    const now = this.#stand.clock.now();
    await this.#stand.sql(
      `update sagas set lease_until = null, due_at = least(due_at, $1) where kind in ('PAYMENT', 'SESSION_BOOKING')`,
      [now],
    );
    await this.#stand.sql('update notices set lease_until = null');
    await this.#stand.sql('update session_seats set check_at = least(check_at, $1) where session_id = $2', [
      now,
      this.sessionId,
    ]);
  }

  /** Everything that the model says too. */
  async state(people: readonly string[]) {
    const seats = await this.#stand.sql<{ taken: number; waiting: number }>(
      'select taken, waiting from session_seats where session_id = $1',
      [this.sessionId],
    );
    const live = await this.#stand.sql<{ attendee_id: string; status: string }>(
      `select attendee_id, status from session_bookings where session_id = $1 and status in ('PENDING', 'CONFIRMED')`,
      [this.sessionId],
    );
    const line = await this.#stand.sql<{ attendee_id: string }>(
      'select attendee_id from session_waitlist where session_id = $1 order by place',
      [this.sessionId],
    );
    const personOf = new Map(people.map((person) => [idOf(this.name(person)), person]));
    return {
      taken: seats[0]?.taken ?? 0,
      waiting: seats[0]?.waiting ?? 0,
      live: Object.fromEntries(live.map((row) => [personOf.get(row.attendee_id), row.status])),
      line: line.map((row) => personOf.get(row.attendee_id)),
      refunds: (await this.#refunds()).length,
    };
  }

  #refunds() {
    return this.#stand.sql<{ id: string }>(
      `select refund.id from order_refunds refund join orders on orders.id = refund.order_id where orders.session_id = $1`,
      [this.sessionId],
    );
  }

  /** Payments that were captured and belong neither to a paid order with its seat nor to a refund. */
  unaccounted() {
    return this.#stand.sql(
      `select payment.payment_id from payment_attempts payment join orders on orders.id = payment.order_id
       where orders.session_id = $1 and payment.state = 'SUCCEEDED'
         and not exists (select 1 from order_refunds refund where refund.payment_id = payment.payment_id
                           and refund.amount_minor = payment.amount_minor)
         and not (payment.capture = 'ACCEPTED' and orders.status = 'SUCCEEDED' and exists (
           select 1 from session_bookings booking where booking.order_id = orders.id
             and booking.status in ('CONFIRMED', 'COMPLETED')))`,
      [this.sessionId],
    );
  }
}
