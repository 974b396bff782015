import { validate as isUuid } from 'uuid';
import { orderNumber } from '../entities/order-number.js';
import { importOrder, type ImportedOrder } from '../entities/order-importing.js';
import { isDataError, violatedConstraint } from '../persistence/errors.js';
import { GroupWriter } from '../persistence/group-writer.js';
import { rememberWith, type RequestKey } from '../persistence/idempotency.js';
import type { OldOrder, OldOrders } from '../persistence/old-orders.js';
import type { EntityManager, Fork } from '../persistence/orm.js';
import type { CourseSource } from '../platform/neighbours.js';
import { paymentTimes, type Policies } from '../policies/policies.js';
import { BrokenOrder, checkOldOrder, type CheckedOrder, type Listed } from './check-old-order.js';
import { ImportClashes } from './import-clashes.js';
import { ImportTitles } from './import-titles.js';
import { requestKey } from './place-order.js';
import { InputCheck } from './validation.js';

/** What an import works with. */
export interface OrderImport {
  readonly source: OldOrders;
  readonly fork: Fork;
  /** Absent: courses have no names. */
  readonly courses: CourseSource | undefined;
  readonly policies: Policies;
  /** How long an idempotency key is remembered, ms. */
  readonly keyMs: number;
  readonly now: Date;
  /** Everything but the writing. */
  readonly dryRun: boolean;
  /** Hears of each order that could not be imported. */
  readonly list: (orderId: string, reason: string) => void;
}

/** What an import did; imported, skipped and listed orders are all that were read. */
export interface ImportSummary {
  readonly read: number;
  readonly imported: number;
  /** They are here already. */
  readonly skipped: number;
  readonly listed: number;
  /** Courses of imported orders whose names are not known. */
  readonly namelessCourses: number;
  /** Rows that the old service never used, and that are not imported. */
  readonly sessionBookings: number;
}

type Outcome = 'imported' | 'skipped' | Listed;

interface Parts {
  readonly clashes: ImportClashes;
  readonly titles: ImportTitles;
  readonly writer: GroupWriter;
}

const CHUNK = 500;
const GROUP = 50;
const NUMBER_TRIES = 3;
const LONGEST_WAIT_MS = 10 * 60_000;

/**
 * Takes over the orders of the old order service. Each order is written whole or not at all, and only once: the import may
 * be run again. Nothing is announced.
 */
export async function importOrders(task: OrderImport): Promise<ImportSummary> {
  // In one lane: of orders that clash the first gets the course.
  const limits = { maxGroup: GROUP, lanes: 1, maxQueue: CHUNK, maxWaitMs: LONGEST_WAIT_MS };
  const parts = {
    clashes: new ImportClashes(task.fork),
    titles: new ImportTitles(task.courses),
    writer: new GroupWriter(task.fork, limits),
  };
  const counts = { read: 0, imported: 0, skipped: 0, listed: 0 };
  for await (const chunk of task.source.chunks(CHUNK)) {
    const outcomes = await importChunk(task, chunk, parts);
    counts.read += chunk.length;
    outcomes.forEach((outcome, i) => {
      if (typeof outcome === 'string') counts[outcome] += 1;
      else {
        counts.listed += 1;
        task.list(chunk[i]?.id ?? '', outcome.listed);
      }
    });
  }
  const sessionBookings = await task.source.countSessionBookings();
  return { ...counts, namelessCourses: parts.titles.unknown, sessionBookings };
}

/** Paid orders come first in a chunk as in the whole, and take their courses before the others. */
async function importChunk(
  task: OrderImport,
  chunk: readonly OldOrder[],
  { clashes, titles, writer }: Parts,
): Promise<Outcome[]> {
  const here = await importedBefore(task.fork, chunk);
  const checked = chunk.map((old) => (here.has(old.id) ? 'skipped' : check(old)));
  await clashes.load(checked.filter(isOrder));
  const decided = checked.map((one) => (isOrder(one) ? (clashes.take(one) ?? one) : one));
  await titles.learn(decided.filter(isOrder));
  return Promise.all(
    decided.map(async (one): Promise<Outcome> => {
      if (!isOrder(one)) return one;
      return task.dryRun ? 'imported' : write(task, writer, titles.name(one), requestOf(task, one));
    }),
  );
}

const isOrder = (one: Outcome | CheckedOrder): one is CheckedOrder => typeof one === 'object' && 'items' in one;

async function importedBefore(fork: Fork, chunk: readonly OldOrder[]): Promise<ReadonlySet<string>> {
  const ids = chunk.map(({ id }) => id).filter((id) => isUuid(id));
  if (ids.length === 0) return new Set();
  const rows = await fork().execute<{ id: string }[]>('select id from orders where id in (?)', [ids]);
  return new Set(rows.map(({ id }) => id));
}

function check(old: OldOrder): CheckedOrder | Listed {
  try {
    return checkOldOrder(old);
  } catch (error) {
    if (!(error instanceof BrokenOrder)) throw error;
    return { listed: error.message };
  }
}

/** What placeOrder would remember: who repeats a call after the switch gets the order that the old service made. */
function requestOf({ keyMs, now }: OrderImport, order: CheckedOrder): RequestKey | undefined {
  const { idempotencyKey, buyerId, items, placedAt } = order;
  const isKey = new InputCheck().idempotencyKey(idempotencyKey).refusal() === undefined;
  if (!isKey || now.getTime() - placedAt.getTime() >= keyMs) return undefined;
  const courseIds = items.map(({ productId }) => productId);
  return requestKey(buyerId, { courseIds, couponCode: null, idempotencyKey });
}

/** The running service may have written meanwhile: then the constraints decide. */
async function write(
  task: OrderImport,
  writer: GroupWriter,
  order: ImportedOrder,
  request: RequestKey | undefined,
): Promise<Outcome> {
  let remember = request;
  for (let attempt = 0; ;) {
    try {
      await writer.write((em) => persist(em, task, order, orderNumber(order.id, attempt), remember));
      return 'imported';
    } catch (error) {
      const constraint = violatedConstraint(error);
      if (constraint === 'orders_pkey') return 'skipped';
      if (constraint === 'orders_number_key' && attempt < NUMBER_TRIES) attempt += 1;
      // The buyer has used the key here by now: what it means here counts.
      else if (constraint === 'idempotency_pkey' && remember) remember = undefined;
      else if (isDataError(error)) return { listed: `it cannot be written: ${(error as Error).message}` };
      else throw error;
    }
  }
}

function persist(
  em: EntityManager,
  { policies, now }: OrderImport,
  source: ImportedOrder,
  number: string,
  request: RequestKey | undefined,
): void {
  const terms = { number, payableMs: policies.payableMs, times: paymentTimes(policies), now };
  const { order, event } = importOrder(source, terms);
  em.persist([order, event, ...(order.newRefunds ?? []), ...(order.newRevenue ?? [])]);
  if (request) rememberWith(em, request, order.id, order.placedAt);
}
