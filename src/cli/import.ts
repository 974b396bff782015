import { parseArgs } from 'node:util';
import { importOrders, type OrderImport } from '../commands/import-orders.js';
import { loadConfig, type Config } from '../config.js';
import { openOldOrders } from '../persistence/old-orders.js';
import type { Fork } from '../persistence/orm.js';
import { Caller } from '../platform/caller.js';
import { createCourseClient } from '../platform/course-client.js';
import { policiesOf } from '../policies/policies.js';
import { neighbourCredentials } from '../transport-security.js';
import { withDatabase } from './database.js';

const USAGE = 'usage: npm run import -- --from <postgres url of the old database> [--dry-run]\n';
const HOUR = 60 * 60_000;
/** Exit code where orders were listed. */
const SOME_LISTED = 2;

interface Wanted {
  readonly from: string;
  readonly dryRun: boolean;
}

function wantedOf(words: readonly string[]): Wanted | undefined {
  try {
    const options = { from: { type: 'string' }, 'dry-run': { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...words], options });
    return values.from ? { from: values.from, dryRun: values['dry-run'] ?? false } : undefined;
  } catch {
    return undefined;
  }
}

/** Without a course service courses have no names; one that is set but does not answer ends the import. */
function courseCaller(config: Config): Caller | undefined {
  const address = config.COURSE_SERVICE_GRPC;
  return address ? new Caller('course', address, config.NEIGHBOUR_TIMEOUT_MS, neighbourCredentials(config)) : undefined;
}

async function run(fork: Fork, { from, dryRun }: Wanted): Promise<void> {
  const config = loadConfig(process.env);
  const source = await openOldOrders(from);
  const caller = courseCaller(config);
  const list: OrderImport['list'] = (id, reason) => void process.stdout.write(`${id}  ${reason}\n`);
  try {
    const courses = caller && createCourseClient(caller);
    const keyMs = config.IDEMPOTENCY_HOURS * HOUR;
    const fixed = { source, fork, courses, policies: policiesOf(config), keyMs, dryRun, list };
    const done = await importOrders({ ...fixed, now: new Date() });
    const { read, imported, skipped, listed, namelessCourses, sessionBookings } = done;
    process.stdout.write(
      `${dryRun ? 'nothing was written, this would be: ' : ''}` +
        `read ${read}, imported ${imported}, skipped ${skipped} (imported before), listed ${listed} (not imported)\n` +
        `courses without a name: ${namelessCourses}\n`,
    );
    if (sessionBookings > 0) process.stdout.write(`session_bookings: ${sessionBookings} rows are not imported\n`);
    if (listed > 0) process.exitCode = SOME_LISTED;
  } finally {
    caller?.close();
    await source.close();
  }
}

/** `npm run import`, or `node dist/cli/import.js`: takes over the orders of the old order service. */
const wanted = wantedOf(process.argv.slice(2));
if (wanted) {
  await withDatabase((fork) => run(fork, wanted));
} else {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}
