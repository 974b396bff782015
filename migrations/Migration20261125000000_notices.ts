import { Migration } from '@mikro-orm/migrations';

/** Notices that buyers are still to get, and courses that were deleted. */
export class Migration20261125000000_notices extends Migration {
  override up(): void {
    this.addSql(`
      create table notices (
        id uuid primary key,
        order_id uuid not null references orders,
        kind text not null,
        refund_id uuid,
        version int not null,
        created_at timestamptz(3) not null,
        lease_until timestamptz
      )`);
    this.addSql(`create index notices_oldest on notices (created_at, id)`);
    this.addSql(`create table deleted_courses (course_id uuid primary key, deleted_at timestamptz(3) not null)`);
    this.addSql(`create index deleted_courses_newest on deleted_courses (deleted_at)`);
  }

  override down(): void {
    this.addSql(`drop table notices, deleted_courses`);
  }
}
