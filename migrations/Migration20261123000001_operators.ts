import { Migration } from '@mikro-orm/migrations';

/** What operators need: revenue by day of payment and currency, dead letters, indexes of their lists. */
export class Migration20261123000001_operators extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '2s'`);
    this.addSql(`
      create table revenue_entries (
        id uuid primary key,
        day date not null,
        currency text not null,
        orders int not null,
        gross_minor bigint not null,
        refunded_minor bigint not null
      )`);
    this.addSql(`
      create table dead_letters (
        id uuid primary key,
        topic text not null,
        partition int not null,
        "offset" text not null,
        key text not null,
        headers jsonb not null,
        value text not null,
        reason text not null,
        attempts int not null,
        created_at timestamptz(3) not null,
        resolution text,
        resolved_at timestamptz(3)
      )`);
    this.addSql(`create index dead_letters_open on dead_letters (created_at, id) where resolution is null`);
    this.addSql(`create index revenue_entries_day on revenue_entries (currency, day)`);
    this.addSql(`create index orders_placed on orders (placed_at, id)`);
    this.addSql(`create index order_refunds_requested on order_refunds (requested_at, id)`);
    this.addSql(`create index order_refunds_payment on order_refunds (payment_id)`);
    this.addSql(`create index sagas_stuck on sagas (stuck_since, id) where stuck_since is not null`);
  }

  override down(): void {
    this.addSql(`drop table revenue_entries, dead_letters`);
    this.addSql(`drop index orders_placed, order_refunds_requested, order_refunds_payment, sagas_stuck`);
  }
}
