import { Migration } from '@mikro-orm/migrations';

/** Keeps messages about payments that disagree with their orders, until an operator decides. */
export class Migration20261129000000_suspicious_payments extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '2s'`);
    this.addSql(`
      create table suspicious_payments (
        id uuid primary key,
        order_id uuid not null references orders,
        kind text not null,
        payment_id text not null,
        provider text,
        provider_order_id text,
        claimed_user_id text,
        claimed_amount_minor bigint,
        claimed_currency text,
        verified_amount_minor bigint,
        verified_currency text,
        expected_minor bigint not null,
        reasons jsonb not null,
        status text not null,
        note text,
        decided_by_id uuid,
        decided_at timestamptz(3),
        occurred_at timestamptz(3) not null,
        received_at timestamptz(3) not null
      )`);
    this.addSql(`create index suspicious_payments_list on suspicious_payments (received_at, id)`);
    this.addSql(`create index suspicious_payments_open on suspicious_payments (received_at, id) where status = 'OPEN'`);
    this.addSql(`create index suspicious_payments_order on suspicious_payments (order_id)`);
  }

  override down(): void {
    this.addSql(`drop table suspicious_payments`);
  }
}
