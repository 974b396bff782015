import type { Fork } from '../persistence/orm.js';
import type { Row } from '../persistence/row-reader.js';

/** A table of events, one row a version: which columns name the aggregate and its owner, and how a row is read. */
export interface EventTable<E> {
  readonly table: string;
  readonly aggregate: string;
  readonly owner: string;
  read(row: Row): E;
}

/** The newest event of an aggregate, and its place in the stream of the owner. */
export interface NewestEvent {
  readonly id: string;
  readonly version: number;
  readonly at: Date;
}

/** What live streams read of a table of events. */
export interface EventReads<E> {
  /** By aggregate: its events after a version, oldest first. */
  eventsAfter(wanted: readonly { id: string; version: number }[]): Promise<ReadonlyMap<string, readonly E[]>>;
  /** By owner: the events recorded since a time, oldest first; those of one aggregate always in the order of its versions. */
  eventsSince(wanted: readonly { ownerId: string; since: Date }[]): Promise<ReadonlyMap<string, readonly E[]>>;
  /** The aggregates of an owner with an event since a time, the one that changed longest ago first. */
  changedSince(ownerId: string, since: Date): Promise<readonly NewestEvent[]>;
  /** The aggregate of an owner that changed last; null where there is none. */
  newestOf(ownerId: string): Promise<string | null>;
}

/** Keeps the database from reading the whole table once many are asked for: it cannot know how few events each has. */
const BY_INDEX = 'offset 0';

/** The reads over a table of events, each one statement. */
export function createEventReads<E>(fork: Fork, { table, aggregate, owner, read }: EventTable<E>): EventReads<E> {
  const rows = <R>(sql: string, parameters: unknown[]) => fork().execute<R[]>(sql, parameters);

  async function grouped(column: string, sql: string, parameters: unknown[]) {
    const found = new Map<string, E[]>();
    for (const row of await rows<Row>(sql, parameters)) {
      const list = found.get(row[column] as string);
      if (list) list.push(read(row));
      else found.set(row[column] as string, [read(row)]);
    }
    return found;
  }

  return {
    eventsAfter: (wanted) =>
      grouped(
        aggregate,
        `select event.* from (values ${wanted.map(() => '(?::uuid, ?::int)').join(', ')}) wanted (id, version)
         cross join lateral (
           select * from ${table} where ${aggregate} = wanted.id and version > wanted.version ${BY_INDEX}) event
         order by event.version`,
        wanted.flatMap(({ id, version }) => [id, version]),
      ),
    // A later version may carry an earlier time, by the clock of another machine: it still comes later.
    eventsSince: (wanted) =>
      grouped(
        owner,
        `select event.* from (values ${wanted.map(() => '(?::uuid, ?::timestamptz)').join(', ')}) wanted (id, since)
         cross join lateral (
           select * from ${table} where ${owner} = wanted.id and recorded_at >= wanted.since ${BY_INDEX}) event
         order by max(event.recorded_at) over (partition by event.${aggregate} order by event.version),
           event.${aggregate}, event.version`,
        wanted.flatMap(({ ownerId, since }) => [ownerId, since]),
      ),
    async changedSince(ownerId, since) {
      const found = await rows<{ id: string; version: number; at: string | Date }>(
        `select ${aggregate} as id, max(version) as version, max(recorded_at) as at from ${table}
         where ${owner} = ? and recorded_at >= ? group by ${aggregate} order by at, id`,
        [ownerId, since],
      );
      return found.map(({ id, version, at }) => ({ id, version, at: new Date(at) }));
    },
    async newestOf(ownerId) {
      const [row] = await rows<{ id: string }>(
        `select ${aggregate} as id from ${table} where ${owner} = ? order by recorded_at desc limit 1`,
        [ownerId],
      );
      return row?.id ?? null;
    },
  };
}
