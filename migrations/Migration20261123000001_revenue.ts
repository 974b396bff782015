import { Migration } from '@mikro-orm/migrations';

/** Revenue by day of payment and currency, and indexes for the operators' lists. */
export class Migration20261123000001_revenue extends Migration {
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
    this.addSql(`create index revenue_entries_day on revenue_entries (currency, day)`);
    this.addSql(`create index orders_placed on orders (placed_at, id)`);
    this.addSql(`create index order_refunds_requested on order_refunds (requested_at, id)`);
    this.addSql(`create index order_refunds_payment on order_refunds (payment_id)`);
    this.addSql(`create index sagas_stuck on sagas (stuck_since, id) where stuck_since is not null`);
  }

  override down(): void {
    this.addSql(`drop table revenue_entries`);
    this.addSql(`drop index orders_placed, order_refunds_requested, order_refunds_payment, sagas_stuck`);
  }
}
