import { generatedStudentIds } from '../../../dev/sample/generated-sample.js';
import { Buyer } from './buyer.js';
import type { Replica } from './replica.js';
import type { Site } from './site.js';

export const COURSES = [
  '8d116ece-1738-47d9-bd9c-172411e20b8f',
  '90c192cf-d3ac-44af-8f21-ddb66cad4a26',
  'a170b338-3926-4059-b28c-105d1fb17c23',
  '0fd630f1-f29d-4da9-953f-48f1a09f76b5',
  '0cb1e29c-658c-4a14-95e6-0af593bd04cf',
];

type Conduct = (buyer: Buyer, orderId: string) => Promise<void>;

const pays: Conduct = (buyer, id) => buyer.pay(id, 'approve', 'SUCCEEDED');
const isDeclined: Conduct = (buyer, id) => buyer.pay(id, 'decline', 'FAILED');
const cancels: Conduct = (buyer, id) => buyer.cancel(id);
const returns: Conduct = async (buyer, id) => {
  await pays(buyer, id);
  await buyer.giveBack(id);
};
const comesBack: Conduct = async (buyer, id) => {
  await isDeclined(buyer, id);
  await buyer.restore(id);
  await pays(buyer, id);
};

/** Ten buyers in a row, and how their orders end. */
const MIX: readonly (readonly [Conduct, Ending])[] = [
  [pays, 'SUCCEEDED FULFILLED'],
  [isDeclined, 'FAILED NOT_STARTED'],
  [pays, 'SUCCEEDED FULFILLED'],
  [returns, 'REFUNDED REVOKED'],
  [pays, 'SUCCEEDED FULFILLED'],
  [cancels, 'CANCELLED NOT_STARTED'],
  [pays, 'SUCCEEDED FULFILLED'],
  [returns, 'REFUNDED REVOKED'],
  [comesBack, 'SUCCEEDED FULFILLED'],
  [pays, 'SUCCEEDED FULFILLED'],
];

/** Status and fulfilment of an order at its end. */
export type Ending =
  'SUCCEEDED FULFILLED' | 'FAILED NOT_STARTED' | 'CANCELLED NOT_STARTED' | 'REFUNDED REVOKED' | 'EXPIRED NOT_STARTED';

/** Every order that was accepted, and how it must end. */
export type Accepted = ReadonlyMap<string, Ending>;

export interface Crowd {
  readonly purchases: number;
  /** Number of the first purchase, where there were others: nobody buys a course twice. */
  readonly from?: number;
  /** How many purchases are under way at any time. */
  readonly atOnce: number;
  /** Everybody pays, and nothing else. */
  readonly onlyPaying?: boolean;
  /** Hears of every call that was not answered as in quiet times. */
  readonly onFailure?: (failure: unknown) => void;
}

/** Lets many buyers buy at once, a course each; some are declined, cancel, ask for their money back or come back. */
export async function buy(site: Site, replicas: readonly Replica[], crowd: Crowd): Promise<Accepted> {
  const { purchases, from = 0 } = crowd;
  const students = generatedStudentIds(Math.ceil((from + purchases) / COURSES.length));
  const accepted = new Map<string, Ending>();
  await forAll(purchases, crowd.atOnce, async (i) => {
    const n = from + i;
    const [conduct, ending] = (crowd.onlyPaying ? MIX[0] : MIX[n % MIX.length]) as (typeof MIX)[number];
    const userId = students[Math.floor(n / COURSES.length)] as string;
    const courseId = COURSES[n % COURSES.length] as string;
    const buyer = new Buyer(site, replicas, { userId, courseId, first: n, onFailure: crowd.onFailure });
    const orderId = await buyer.place();
    accepted.set(orderId, ending);
    await conduct(buyer, orderId);
  });
  return accepted;
}

/** Does the work for each number below `count`, some at once. @returns the results in the order of the numbers */
export async function forAll<T>(count: number, atOnce: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
