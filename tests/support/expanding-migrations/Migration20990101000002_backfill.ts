import { Migration } from '@mikro-orm/migrations';

const CHUNK = 50;

/** A backfill in chunks: each statement is a transaction of its own and holds few rows for a short time. */
export class Migration20990101000002_backfill extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override async up(): Promise<void> {
    let filled = CHUNK;
    while (filled === CHUNK) {
      const rows = await this.execute(
        `update orders set region = 'eu' where id in (
           select id from orders where region is null order by id limit ${CHUNK} for no key update
         ) returning id`,
      );
      filled = (rows as unknown[]).length;
    }
  }
}
