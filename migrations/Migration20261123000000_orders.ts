import { Migration } from '@mikro-orm/migrations';

/** The number of outbox shards; stored with every row, so it never changes. */
const SHARDS = 8;

/** Orders, their events, and everything that must be written in one transaction with them. */
export class Migration20261123000000_orders extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '2s'`);
    this.addSql(`
      create table orders (
        id uuid primary key,
        number text not null unique,
        status text not null,
        status_reason text,
        status_note text,
        fulfilment text not null,
        buyer_id uuid not null,
        coupon_code text,
        currency text not null,
        subtotal_minor bigint not null,
        discount_minor bigint not null,
        tax_minor bigint not null,
        total_minor bigint not null check (total_minor >= 0),
        captured_minor bigint not null,
        refunded_minor bigint not null check (refunded_minor <= captured_minor),
        revision int not null,
        placed_at timestamptz(3) not null,
        payable_until timestamptz(3) not null,
        expires_at timestamptz(3),
        paid_at timestamptz(3),
        updated_at timestamptz(3) not null,
        version int not null
      )`);
    this.addSql(`create index orders_buyer on orders (buyer_id, placed_at, id)`);
    this.addSql(`create index orders_due on orders (expires_at) where expires_at is not null`);
    this.addSql(`
      create table order_items (
        id uuid primary key,
        order_id uuid not null references orders,
        revision int not null,
        position int not null,
        kind text not null,
        product_id uuid not null,
        title text not null,
        instructor_id uuid,
        list_price_minor bigint not null,
        discount_minor bigint not null,
        price_minor bigint not null,
        currency text not null,
        fulfilment text not null
      )`);
    this.addSql(`create index order_items_order on order_items (order_id)`);
    this.addSql(`
      create table order_claims (
        buyer_id uuid not null,
        kind text not null,
        product_id uuid not null,
        order_id uuid not null references orders,
        claimed_at timestamptz(3) not null,
        primary key (buyer_id, kind, product_id)
      )`);
    this.addSql(`create index order_claims_order on order_claims (order_id)`);
    this.addSql(`
      create table payment_attempts (
        id uuid primary key,
        order_id uuid not null references orders,
        revision int not null,
        payment_id text unique,
        provider text,
        provider_order_id text,
        state text not null,
        capture text,
        first_seen_restored boolean not null,
        amount_minor bigint not null,
        currency text not null,
        session jsonb,
        return_urls jsonb,
        started_at timestamptz(3) not null,
        expires_at timestamptz(3),
        deadline timestamptz(3) not null,
        confirmed_at timestamptz(3),
        updated_at timestamptz(3) not null
      )`);
    this.addSql(`create index payment_attempts_order on payment_attempts (order_id)`);
    this.addSql(`
      create table order_refunds (
        id uuid primary key,
        order_id uuid not null references orders,
        payment_id text,
        item_ids jsonb not null,
        status text not null,
        reason text not null,
        amount_minor bigint not null check (amount_minor > 0),
        currency text not null,
        note text,
        reference text,
        requested_at timestamptz(3) not null,
        settled_at timestamptz(3)
      )`);
    this.addSql(`create index order_refunds_order on order_refunds (order_id)`);
    this.addSql(`
      create table order_events (
        id uuid primary key,
        order_id uuid not null references orders,
        buyer_id uuid not null,
        version int not null,
        type text not null,
        "from" text,
        "to" text not null,
        fulfilment text not null,
        reason text,
        note text,
        actor text not null,
        by_id text,
        item_id uuid,
        payment_id text,
        refund_id uuid,
        occurred_at timestamptz(3) not null,
        recorded_at timestamptz(3) not null,
        correlation_id text,
        constraint order_events_version unique (order_id, version)
      )`);
    this.addSql(`create index order_events_buyer on order_events (buyer_id, recorded_at)`);
    this.addSql(`
      create table sagas (
        id uuid primary key,
        kind text not null,
        order_id uuid references orders,
        subject_id uuid,
        step text not null,
        due_at timestamptz(3) not null,
        attempts int not null,
        failures int not null,
        last_error text,
        stuck_since timestamptz(3),
        lease_owner text,
        lease_until timestamptz(3),
        created_at timestamptz(3) not null
      )`);
    this.addSql(`create index sagas_due on sagas (due_at) where stuck_since is null`);
    this.addSql(`create index sagas_order on sagas (order_id)`);
    this.addSql(`
      create table outbox (
        id uuid primary key,
        topic text not null,
        key text not null,
        payload text not null,
        headers jsonb not null,
        aggregate_type text not null,
        aggregate_id uuid not null,
        aggregate_version int not null,
        shard smallint not null,
        created_at timestamptz(3) not null
      )`);
    this.addSql(`create index outbox_shard on outbox (shard, aggregate_id, aggregate_version, id)`);
    this.addSql(`
      create table relay_leases (
        shard smallint primary key,
        owner text,
        epoch bigint not null default 0,
        until timestamptz(3) not null default '-infinity'
      )`);
    this.addSql(`insert into relay_leases (shard) select generate_series(0, ${SHARDS - 1})`);
    this.addSql(`
      create table inbox (
        topic text not null,
        event_key text not null,
        received_at timestamptz(3) not null,
        primary key (topic, event_key)
      )`);
    this.addSql(`
      create table idempotency (
        viewer_id uuid not null,
        operation text not null,
        key text not null,
        request_hash text not null,
        result text,
        lease_until timestamptz(3),
        created_at timestamptz(3) not null,
        primary key (viewer_id, operation, key)
      )`);
    this.addSql(`create index idempotency_age on idempotency (created_at)`);
  }

  override down(): void {
    for (const table of [
      'idempotency',
      'inbox',
      'relay_leases',
      'outbox',
      'sagas',
      'order_events',
      'order_refunds',
      'payment_attempts',
      'order_claims',
      'order_items',
      'orders',
    ]) {
      this.addSql(`drop table ${table}`);
    }
  }
}
