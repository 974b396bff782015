import { Migration } from '@mikro-orm/migrations';

/** An index beside running services: outside a transaction, and so that it can be begun again. */
export class Migration20990101000001_index extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(`drop index concurrently if exists orders_by_region`);
    this.addSql(`create index concurrently orders_by_region on orders (region, id)`);
  }
}
