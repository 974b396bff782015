import type { Environment } from '../commands/environment.js';
import type { FullNotice, NoticeKind } from '../entities/notice.js';
import { Loop } from '../observability/loop.js';
import { outboxRow, type OutgoingMessage } from '../persistence/outbox-message.js';
import { startHolds, type Hold } from '../persistence/seat-hold.js';
import { NeighbourDown } from '../platform/neighbours.js';
import { loadSubjects, type NoticeTask, type ReadyNotice } from './notice-subjects.js';

/** The messages of a notice. */
export type WriteNotice = (notice: FullNotice, now: Date) => readonly OutgoingMessage[];

const POLL_MS = 1_000;
const BATCH = 50;
const LEASE_MS = 30_000;
/** So long a notice waits for the user service to tell the address; then it goes out without an e-mail. */
const PATIENCE_MS = 24 * 60 * 60_000;
/** A seat is held meanwhile: others wait for it. */
const OFFER_PATIENCE_MS = 10 * 60_000;

const patienceMs = (kind: NoticeKind): number => (kind === 'SEAT_OFFERED' ? OFFER_PATIENCE_MS : PATIENCE_MS);

/**
 * Sends the notices that events have left behind: looks the addresses up, then writes the messages and ends the notices in
 * one transaction. Several replicas share the work by leases.
 */
export class NoticeSender {
  readonly #env: Environment;
  readonly #write: WriteNotice;
  readonly #loop: Loop;

  constructor(env: Environment, write: WriteNotice) {
    this.#env = env;
    this.#write = write;
    this.#loop = new Loop('notices', POLL_MS, () => this.sendSome(), env.log);
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Sends one batch; what cannot be sent now is tried again when its lease has ended. @returns true when there may be more */
  async sendSome(): Promise<boolean> {
    const rows = await this.#claim();
    const ready = await this.#complete(rows);
    if (ready.size > 0) await this.#send(ready);
    return rows.length === BATCH && ready.size > 0;
  }

  #claim(): Promise<NoticeTask[]> {
    return this.#env.fork().execute<NoticeTask[]>(
      `update notices set lease_until = clock_timestamp() + ? * interval '1 ms'
       where id in (select id from notices where lease_until is null or lease_until <= clock_timestamp()
                    order by created_at, id limit ? for update skip locked)
       returning id, order_id, booking_id, kind, refund_id, version, created_at`,
      [LEASE_MS, BATCH],
    );
  }

  /** The notices that can be sent now, by id. */
  async #complete(rows: readonly NoticeTask[]): Promise<ReadonlyMap<string, ReadyNotice>> {
    if (rows.length === 0) return new Map();
    const subjects = await loadSubjects(this.#env.fork(), rows);
    const recipients = rows.flatMap((row) => subjects.recipientOf(row) ?? []);
    const addresses = await this.#addressesOf(new Set(recipients));
    const now = this.#env.clock.now();
    const payUntil = new Date(now.getTime() + this.#env.policies.seatHoldMs);
    return new Map(
      rows.flatMap((row) => {
        const recipient = subjects.recipientOf(row);
        const email = recipient === undefined ? undefined : addresses.get(recipient);
        const isLate = now.getTime() - new Date(row.created_at).getTime() > patienceMs(row.kind);
        if (recipient === undefined || (email === undefined && !isLate)) return [];
        const ready = subjects.noticeOf(row, email ?? null, payUntil);
        return ready ? [[row.id, ready] as const] : [];
      }),
    );
  }

  /** Addresses by user; null for a user without one, no entry where the user service does not answer. */
  async #addressesOf(userIds: ReadonlySet<string>): Promise<ReadonlyMap<string, string | null>> {
    const found = new Map<string, string | null>();
    const ask = async (id: string) => {
      try {
        found.set(id, (await this.#env.neighbours.users.findUser(id))?.email || null);
      } catch (error) {
        if (!(error instanceof NeighbourDown)) throw error;
        this.#env.log.warn({ service: error.service }, 'notices wait: an address is not known');
      }
    };
    await Promise.all([...userIds].map(ask));
    return found;
  }

  async #send(ready: ReadonlyMap<string, ReadyNotice>): Promise<void> {
    const now = this.#env.clock.now();
    await this.#env.fork().transactional(async (em) => {
      // One that is gone was sent by another replica when the lease had ended.
      const left = await em.execute<{ id: string }[]>('delete from notices where id in (?) returning id', [
        [...ready.keys()],
      ]);
      const sent = left.flatMap(({ id }) => ready.get(id) ?? []);
      for (const { notice, about } of sent) {
        if (!notice) continue;
        for (const message of this.#write(notice, now)) em.persist(outboxRow(message, about));
      }
      await startHolds(em, sent.flatMap(holdOf));
    });
  }
}

/** The hold of an offered seat, which begins with its notice. */
function holdOf({ notice }: ReadyNotice): Hold[] {
  if (!notice || !('booking' in notice) || !notice.payUntil || !notice.booking.orderId) return [];
  return [{ orderId: notice.booking.orderId, until: notice.payUntil }];
}
