import type { Environment } from '../commands/environment.js';
import type { FullNotice, NoticeKind } from '../entities/notice.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { Loop } from '../observability/loop.js';
import { outboxRow, type OutgoingMessage } from '../persistence/event-recorder.js';
import { NeighbourDown } from '../platform/neighbours.js';

interface Row {
  readonly id: string;
  readonly order_id: string;
  readonly kind: NoticeKind;
  readonly refund_id: string | null;
  readonly version: number;
  readonly created_at: string;
}

/** The messages of a notice. */
export type WriteNotice = (notice: FullNotice, now: Date) => readonly OutgoingMessage[];

const POLL_MS = 1_000;
const BATCH = 50;
const LEASE_MS = 30_000;
/** So long a notice waits for the user service to tell the address; then it goes out without an e-mail. */
const PATIENCE_MS = 24 * 60 * 60_000;

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
    const notices = await this.#complete(rows);
    if (notices.size > 0) await this.#send(notices);
    return rows.length === BATCH && notices.size > 0;
  }

  #claim(): Promise<Row[]> {
    return this.#env.fork().execute<Row[]>(
      `update notices set lease_until = clock_timestamp() + ? * interval '1 ms'
       where id in (select id from notices where lease_until is null or lease_until <= clock_timestamp()
                    order by created_at, id limit ? for update skip locked)
       returning id, order_id, kind, refund_id, version, created_at`,
      [LEASE_MS, BATCH],
    );
  }

  /** The notices that can be sent now, by id. */
  async #complete(rows: readonly Row[]): Promise<ReadonlyMap<string, FullNotice>> {
    if (rows.length === 0) return new Map();
    const em = this.#env.fork();
    const orders = await em.find(Order, { id: { $in: rows.map((row) => row.order_id) } }, { populate: ['itemRows'] });
    const refunds = await em.find(OrderRefund, { id: { $in: rows.flatMap((row) => row.refund_id ?? []) } });
    const orderOf = new Map(orders.map((order) => [order.id, order]));
    const refundOf = new Map(refunds.map((refund) => [refund.id, refund]));
    const addresses = await this.#addressesOf(new Set(orders.map(({ buyerId }) => buyerId)));
    const oldest = this.#env.clock.now().getTime() - PATIENCE_MS;
    return new Map(
      rows.flatMap(({ id, order_id, refund_id, kind, version, created_at }) => {
        const order = orderOf.get(order_id);
        const email = order && addresses.get(order.buyerId);
        if (!order || (email === undefined && new Date(created_at).getTime() > oldest)) return [];
        const refund = refundOf.get(refund_id ?? '') ?? null;
        return [[id, { kind, version, order, refund, email: email ?? null }] as const];
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

  async #send(notices: ReadonlyMap<string, FullNotice>): Promise<void> {
    const now = this.#env.clock.now();
    await this.#env.fork().transactional(async (em) => {
      // One that is gone was sent by another replica when the lease had ended.
      const left = await em.execute<{ id: string }[]>('delete from notices where id in (?) returning id', [
        [...notices.keys()],
      ]);
      for (const { id } of left) {
        const notice = notices.get(id);
        if (!notice) continue;
        const { order, version } = notice;
        for (const message of this.#write(notice, now)) em.persist(outboxRow(message, order, { version }));
      }
    });
  }
}
