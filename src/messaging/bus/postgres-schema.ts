import type { Pool } from 'pg';

// Any number that others do not use: it serialises the making of the tables over processes.
const SCHEMA_LOCK = 7_205_001;

const TABLES = `
create schema if not exists bus;
create table if not exists bus.topics (
  name text primary key,
  partitions int not null check (partitions > 0)
);
-- next_offset is counted under a row lock held until commit: offsets become visible in their order, without gaps.
create table if not exists bus.partitions (
  topic text not null references bus.topics (name),
  partition int not null,
  next_offset bigint not null default 0,
  primary key (topic, partition)
);
create table if not exists bus.messages (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text not null,
  value text not null,
  headers json not null,
  stored_at timestamptz not null default now(),
  primary key (topic, partition, "offset")
);
create table if not exists bus.group_offsets (
  group_name text not null,
  topic text not null,
  partition int not null,
  next_offset bigint not null default 0,
  primary key (group_name, topic, partition)
);
-- Rows are locked in one order, so that senders to several partitions cannot block each other for ever.
create or replace function bus.append(topics text[], partitions int[], keys text[], bodies text[], headers json[])
returns void language plpgsql as $append$
begin
  perform 1 from bus.partitions p
    where (p.topic, p.partition) in (select * from unnest(topics, partitions))
    order by p.topic, p.partition for update;
  with input as (
    select *, row_number() over (partition by topic, partition order by nth) - 1 as place
    from unnest(topics, partitions, keys, bodies, headers)
      with ordinality as sent (topic, partition, key, body, header, nth)
  ), counted as (
    update bus.partitions p set next_offset = p.next_offset + n.number
    from (select topic, partition, count(*) as number from input group by topic, partition) n
    where p.topic = n.topic and p.partition = n.partition
    returning p.topic, p.partition, p.next_offset - n.number as first
  )
  insert into bus.messages (topic, partition, "offset", key, value, headers)
  select topic, partition, first + place, key, body, header from input join counted using (topic, partition);
end
$append$;
`;

/** Makes the tables of the bus; those that exist stay. */
export async function createTables(pool: Pool): Promise<void> {
  // Several statements in one message are one transaction.
  await pool.query(`select pg_advisory_xact_lock(${SCHEMA_LOCK}); ${TABLES}`);
}

const ENSURE_TOPIC = `
with topic as (
  insert into bus.topics (name, partitions) select name, $2 from unnest($1::text[]) as name
  on conflict (name) do nothing returning name, partitions
)
insert into bus.partitions (topic, partition)
select name, partition from topic cross join lateral generate_series(0, partitions - 1) as partition
on conflict do nothing`;

/** Makes the topics that do not exist, with so many partitions each. */
export async function createTopics(pool: Pool, topics: readonly string[], partitions: number): Promise<void> {
  // Sorted, so that two processes that make the same topics wait for each other in one order.
  await pool.query(ENSURE_TOPIC, [[...new Set(topics)].sort(), partitions]);
}

/** Partitions of each topic, by name. */
export async function partitionsOf(pool: Pool, topics: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ name: string; partitions: number }>(
    'select name, partitions from bus.topics where name = any($1)',
    [topics],
  );
  return new Map(rows.map((row) => [row.name, row.partitions]));
}
