import type { MikroORM } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { createSeatsFreed } from '../../src/commands/promote-waiting.js';
import { createRecorders } from '../../src/recorders.js';
import type { Environment } from '../../src/commands/environment.js';
import { loadConfig } from '../../src/config.js';
import { GroupWriter } from '../../src/persistence/group-writer.js';
import { openOrm, type Fork } from '../../src/persistence/orm.js';
import { policiesOf } from '../../src/policies/policies.js';
import { testLog } from '../../tests/support/log.js';
import { StubNeighbours } from '../../tests/support/stub-neighbours.js';

/** The service's own limit; plain SQL gets the same. */
export const CONNECTIONS = loadConfig({}).DB_POOL_MAX;

/** What the service's commands run with, as app.ts puts it together, with neighbours that answer at once. */
export interface Commands {
  readonly orm: MikroORM;
  readonly env: Environment;
  readonly neighbours: StubNeighbours;
  close(): Promise<void>;
}

export async function openCommands(url: string): Promise<Commands> {
  const { DB_STATEMENT_TIMEOUT_MS: statementTimeout, DB_LOCK_TIMEOUT_MS: lockTimeout } = loadConfig({});
  const recorders = createRecorders();
  const orm = await openOrm({ url, poolMax: CONNECTIONS, statementTimeout, lockTimeout, recorders: recorders.all });
  const fork: Fork = () => orm.em.fork();
  const neighbours = new StubNeighbours();
  const env: Environment = {
    fork,
    writer: new GroupWriter(fork),
    neighbours,
    policies: policiesOf(loadConfig({})),
    clock: { now: () => new Date() },
    newId: () => uuidv7(),
    log: testLog(),
  };
  recorders.seatsFreed = createSeatsFreed(env);
  return { orm, env, neighbours, close: () => orm.close() };
}
