import { Migration } from '@mikro-orm/migrations';

/** Remembers which users are blocked, from the event that blocks them until the user service says otherwise. */
export class Migration20261129000001_blocked_users extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '2s'`);
    this.addSql(`
      create table blocked_users (
        user_id uuid primary key,
        blocked_at timestamptz(3) not null
      )`);
  }

  override down(): void {
    this.addSql(`drop table blocked_users`);
  }
}
