/** What somebody has of the session. */
export interface Seat {
  status: 'PENDING' | 'CONFIRMED';
  /** Which of the person's orders, by number; they have one number more with each booking of a priced seat. */
  readonly order: number;
  /** When the hold ends, ms; of no meaning once confirmed. */
  readonly until: number;
  /** A payment that was started without us never fails an order that was restored. */
  readonly isRestored?: boolean;
}

export const HOLD_MS = 10 * 60_000;

/** One session as it should be: who has a seat, who waits, whose money came and went. Knows nothing of databases. */
export class SeatsModel {
  /** What the session service tells when it is asked. */
  capacity: number;
  /** What was told when a seat was last taken, somebody joined or the watch asked; nothing before. */
  known: number | undefined;
  now = 0;
  refunds = 0;
  readonly line: string[] = [];
  readonly seats = new Map<string, Seat>();
  /** Orders that ended unpaid and to which no money has come, newest last. */
  readonly closed = new Map<string, number[]>();
  readonly #orders = new Map<string, number>();

  constructor(
    readonly isFree: boolean,
    capacity: number,
  ) {
    this.capacity = capacity;
  }

  closedOf(person: string): number[] {
    const orders = this.closed.get(person) ?? [];
    this.closed.set(person, orders);
    return orders;
  }

  book(person: string): string {
    if (this.seats.has(person)) return 'ALREADY_BOOKED';
    if (this.#looksFull()) {
      if (this.known === undefined || this.line.length === 0 || this.capacity <= this.known) return 'SESSION_FULL';
      this.learn();
      // Whoever waited may have got a seat by what was learned a moment ago.
      if (this.seats.has(person)) return 'ALREADY_BOOKED';
    }
    if (!this.#takeSeat()) return 'SESSION_FULL';
    this.#give(person);
    return 'booked';
  }

  join(person: string): string | number {
    this.learn();
    if (this.seats.has(person)) return 'ALREADY_BOOKED';
    if (!this.line.includes(person)) {
      if (this.seats.size < this.capacity && this.line.length === 0) return 'SEATS_AVAILABLE';
      this.line.push(person);
    }
    return this.line.indexOf(person) + 1;
  }

  leave(person: string): string {
    const at = this.line.indexOf(person);
    if (at >= 0) this.line.splice(at, 1);
    return 'left';
  }

  pay(person: string): void {
    const seat = this.seats.get(person);
    if (seat) seat.status = 'CONFIRMED';
  }

  /** Money for the newest order that has ended: takes over a held seat, takes a free one, or goes back. */
  payLate(person: string): void {
    const order = this.closedOf(person).pop() ?? 0;
    const held = this.seats.get(person);
    if (held?.status === 'PENDING') this.closedOf(person).push(held.order);
    if (held?.status === 'PENDING' || (!held && this.#takeSeat())) {
      this.seats.set(person, { status: 'CONFIRMED', order, until: 0 });
    } else {
      this.refunds += 1;
    }
  }

  /** The seat is given up, or its payment failed. */
  giveUp(person: string): void {
    const seat = this.seats.get(person);
    if (!seat) return;
    this.#end(person, seat);
    this.promote();
  }

  restore(person: string): string {
    if (this.seats.has(person)) return 'ALREADY_BOOKED';
    if (!this.#takeSeat()) return 'SESSION_FULL';
    const order = this.closedOf(person).pop() ?? 0;
    this.seats.set(person, { status: 'PENDING', order, until: this.now + HOLD_MS, isRestored: true });
    return 'restored';
  }

  /** The watch asks, then holds that are over end, all at once. */
  pass(ms: number): void {
    this.now += ms;
    if (this.known !== undefined) this.learn();
    const over = [...this.seats].filter(([, { status, until }]) => status === 'PENDING' && until <= this.now);
    for (const [person, seat] of over) this.#end(person, seat);
    this.promote();
  }

  learn(): void {
    this.known = this.capacity;
    this.promote();
  }

  promote(): void {
    while (this.line.length > 0 && this.seats.size < (this.known ?? 0)) this.#give(this.line.shift() ?? '');
  }

  #looksFull(): boolean {
    if (this.capacity === 0) return true;
    return this.known !== undefined && (this.line.length > 0 || this.seats.size >= this.capacity);
  }

  #takeSeat(): boolean {
    const isFree = this.line.length === 0 && this.seats.size < this.capacity;
    if (isFree) this.known = this.capacity;
    return isFree;
  }

  #give(person: string): void {
    const order = (this.#orders.get(person) ?? 0) + 1;
    this.#orders.set(person, order);
    const status = this.isFree ? 'CONFIRMED' : 'PENDING';
    this.seats.set(person, { status, order, until: this.now + HOLD_MS });
  }

  #end(person: string, { status, order }: Seat): void {
    this.seats.delete(person);
    if (this.isFree) return;
    if (status === 'CONFIRMED') this.refunds += 1;
    else this.closedOf(person).push(order);
  }
}
