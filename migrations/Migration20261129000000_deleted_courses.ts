import { Migration } from '@mikro-orm/migrations';

/** Deletions of courses whose time is not believable count by their arrival; those that were stored with such a time too. */
export class Migration20261129000000_deleted_courses extends Migration {
  override up(): void {
    this.addSql(`alter table deleted_courses add column by_arrival boolean not null default false`);
    this.addSql(`
      update deleted_courses set deleted_at = now(), by_arrival = true where deleted_at > now() + interval '5 minutes'`);
  }

  override down(): void {
    this.addSql(`alter table deleted_courses drop column by_arrival`);
  }
}
