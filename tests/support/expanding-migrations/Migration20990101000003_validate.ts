import { Migration } from '@mikro-orm/migrations';

/** A constraint that was added as NOT VALID is proved without stopping writers. */
export class Migration20990101000003_validate extends Migration {
  override up(): void {
    this.addSql(`alter table orders validate constraint orders_region`);
  }
}
