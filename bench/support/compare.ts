import type { Measured } from './measure.js';
import { median, printTable, spread } from './report.js';

/** One side of a comparison: measures itself for a round. */
export type Side = () => Promise<Measured>;

export interface Comparison {
  readonly title: string;
  readonly baseline: readonly [name: string, side: Side];
  readonly subject: readonly [name: string, side: Side];
  /** Least ratio that is asked for, where one is. */
  readonly wanted?: number;
  readonly rounds: number;
}

/**
 * Measures both sides in turns, after one round that does not count, and prints the ratio of each pair of rounds: noise of
 * the machine meets both sides of a pair.
 */
export async function compare({ title, baseline, subject, wanted, rounds }: Comparison): Promise<void> {
  const [base, ours]: [Measured[], Measured[]] = [[], []];
  await baseline[1]();
  await subject[1]();
  for (let round = 0; round < rounds; round++) {
    const inTurn = [async () => base.push(await baseline[1]()), async () => ours.push(await subject[1]())];
    for (const side of round % 2 ? inTurn.reverse() : inTurn) await side();
  }
  const ratios = ours.map(({ perSecond }, round) => perSecond / (base[round]?.perSecond ?? Number.NaN));
  const target = wanted === undefined ? '' : `, wanted ${wanted.toFixed(2)}×`;
  const processorTime = (median(ours.map(wholeMicros)) / median(base.map(wholeMicros))).toFixed(2);
  console.log(`${title}: ${spread(ratios)}×${target}; processor time of a call ${processorTime}×`);
  printTable(
    rowsOf([
      [baseline[0], base],
      [subject[0], ours],
    ]),
  );
}

/** Processor time of one call in all processes that were looked at. */
const wholeMicros = ({ ownMicros, micros }: Measured): number =>
  Object.values(micros).reduce((sum, one) => sum + one, ownMicros);

type Column = readonly [heading: string, value: (one: Measured) => number | undefined, digits: number];

/** Medians of the rounds, without columns that nobody measured. */
function rowsOf(sides: readonly (readonly [name: string, rounds: readonly Measured[]])[]): string[][] {
  const [sample] = sides.flatMap(([, rounds]) => rounds);
  const all: Column[] = [
    ['per second', ({ perSecond }) => perSecond, 0],
    ['p50 ms', ({ p50 }) => p50, 1],
    ['p99 ms', ({ p99 }) => p99, 1],
    ['own CPU µs', ({ ownMicros }) => ownMicros, 0],
    ...Object.keys(sample?.micros ?? {}).map((name): Column => [`${name} CPU µs`, ({ micros }) => micros[name], 0]),
  ];
  const columns = all.filter(([, value]) => sample && value(sample) !== undefined);
  const cells = (rounds: readonly Measured[]) =>
    columns.map(([, value, digits]) => median(rounds.map((one) => value(one) ?? Number.NaN)).toFixed(digits));
  return [['', ...columns.map(([heading]) => heading)], ...sides.map(([name, rounds]) => [name, ...cells(rounds)])];
}
