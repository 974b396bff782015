import type { Fork } from '../persistence/orm.js';

/** A message that waits to be published. */
export interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
  readonly headers: Record<string, string>;
  readonly shard: number;
  readonly aggregate_id: string;
  readonly aggregate_version: number;
}

/** The right to publish a shard. Whoever has another epoch has lost it meanwhile. */
export interface Lease {
  readonly shard: number;
  readonly epoch: string;
}

type Place = readonly [aggregateId: string, version: number, id: string];

const START: Place = ['00000000-0000-0000-0000-000000000000', 0, '00000000-0000-0000-0000-000000000000'];

/** One walk through the leased shards of the outbox, each in the order of aggregates and their versions. */
export class OutboxPass {
  readonly #fork: Fork;
  readonly #owner: string;
  readonly #leases: readonly Lease[];
  readonly #mostOfShard: number;
  readonly #places = new Map<number, Place>();

  /** @param batch how many rows to read at once, about the same share of each shard */
  constructor(fork: Fork, owner: string, leases: readonly Lease[], batch: number) {
    this.#fork = fork;
    this.#owner = owner;
    this.#leases = leases;
    this.#mostOfShard = Math.ceil(batch / leases.length);
  }

  /** The rows behind those that were read before. Shard by shard, because only so the index gives their order. */
  async next(): Promise<OutboxRow[]> {
    const places = this.#leases.map(({ shard }) => this.#places.get(shard) ?? START);
    const rows = await this.#fork().execute<OutboxRow[]>(
      `select message.* from unnest(array[?]::smallint[], array[?]::uuid[], array[?]::int[], array[?]::uuid[])
         place (shard, aggregate_id, version, id) cross join lateral (
           select id, topic, key, payload, headers, shard, aggregate_id, aggregate_version from outbox
           where shard = place.shard and (aggregate_id, aggregate_version, id) > (place.aggregate_id, place.version, place.id)
           order by aggregate_id, aggregate_version, id limit ?) message
       order by aggregate_id, aggregate_version, id`,
      [
        this.#leases.map(({ shard }) => shard),
        ...([0, 1, 2] as const).map((part) => places.map((place) => place[part])),
        this.#mostOfShard,
      ],
    );
    for (const { shard, aggregate_id, aggregate_version, id } of rows) {
      this.#places.set(shard, [aggregate_id, aggregate_version, id]);
    }
    return rows;
  }

  /** Whether so many rows may have left others of a shard behind. */
  mayHaveMore(rows: readonly OutboxRow[]): boolean {
    return rows.length >= this.#mostOfShard;
  }

  /** Deletes rows, of shards that are still leased only: a relay that has lost one leaves its rows to the new owner. */
  async forget(rows: readonly OutboxRow[]): Promise<void> {
    const owned = this.#leases.map(() => '(?::smallint, ?::bigint)').join(', ');
    // "+ 0" keeps the planner at the primary key: by the shard's index it would walk through the whole backlog.
    await this.#fork().execute(
      `delete from outbox where id = any(?::uuid[]) and shard + 0 = any(array(
         select lease.shard::int from relay_leases lease where lease.owner = ? and lease.until > clock_timestamp()
           and (lease.shard, lease.epoch) in (${owned})))`,
      [
        `{${rows.map(({ id }) => id).join(',')}}`,
        this.#owner,
        ...this.#leases.flatMap(({ shard, epoch }) => [shard, epoch]),
      ],
    );
  }
}
