import { Migration } from '@mikro-orm/migrations';

/** Finds the sagas of a booking. */
export class Migration20261125000003_booking_sagas extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(`drop index concurrently if exists sagas_booking`);
    this.addSql(`create index concurrently sagas_booking on sagas (booking_id) where booking_id is not null`);
  }

  override down(): void {
    this.addSql(`drop index sagas_booking`);
  }
}
