import { Migration } from '@mikro-orm/migrations';

/** Expand: a column that may be null, which a running release does not know. */
export class Migration20990101000000_column extends Migration {
  override up(): void {
    this.addSql(`alter table orders add column region text`);
    this.addSql(`alter table orders add constraint orders_region check (region <> '') not valid`);
  }
}
