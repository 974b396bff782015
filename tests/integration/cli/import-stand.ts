import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { OrderImport } from '../../../src/commands/import-orders.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { createOldDatabase, emptyStand, runImport, type OldDatabase } from './old-database.js';

/** The service's stand beside an old database, both empty for each test of the file. */
export function importStand() {
  let stand: OrderStand;
  let old: OldDatabase;
  beforeAll(async () => {
    stand = await openOrderStand();
    old = await createOldDatabase();
  });
  afterAll(async () => {
    await stand.close();
    await old.drop();
  });
  beforeEach(async () => {
    stand.neighbours.down.clear();
    await emptyStand(stand);
    await old.empty();
  });
  return {
    get stand() {
      return stand;
    },
    get old() {
      return old;
    },
    run: (changes: Partial<OrderImport> = {}) => runImport(stand, old, changes),
  };
}
