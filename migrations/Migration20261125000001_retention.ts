import { Migration } from '@mikro-orm/migrations';

/** Finds old inbox rows and dead letters that were dealt with. Rows come in the order of time, so that a BRIN index does. */
export class Migration20261125000001_retention extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(`drop index concurrently if exists inbox_age`);
    this.addSql(`create index concurrently inbox_age on inbox using brin (received_at) with (pages_per_range = 16)`);
    this.addSql(`drop index concurrently if exists dead_letters_age`);
    this.addSql(
      `create index concurrently dead_letters_age on dead_letters (resolved_at) where resolution is not null`,
    );
  }

  override down(): void {
    this.addSql(`drop index inbox_age, dead_letters_age`);
  }
}
