import type { Clock } from '../observability/clock.js';
import type { Logger } from '../observability/log.js';
import type { GroupWriter } from '../persistence/group-writer.js';
import type { Fork } from '../persistence/orm.js';
import type { Neighbours } from '../platform/neighbours.js';
import type { Policies } from '../policies/policies.js';

/** What every command works with; made once in app.ts. */
export interface Environment {
  readonly fork: Fork;
  readonly writer: GroupWriter;
  readonly neighbours: Neighbours;
  readonly policies: Policies;
  readonly clock: Clock;
  /** Makes a new identity: UUID v7, so that ids grow with time. */
  readonly newId: () => string;
  readonly log: Logger;
}
