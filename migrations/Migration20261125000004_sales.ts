import { Migration } from '@mikro-orm/migrations';

/** Finds what was sold of a course. */
export class Migration20261125000004_sales extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(`drop index concurrently if exists order_items_course`);
    this.addSql(`create index concurrently order_items_course on order_items (product_id) where kind = 'COURSE'`);
  }

  override down(): void {
    this.addSql(`drop index order_items_course`);
  }
}
