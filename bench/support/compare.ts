import type { Measured } from './measure.js';
import { median, printTable, spread } from './report.js';

/** One side of a comparison: measures itself for a round. */
export type Side = () => Promise<Measured>;

export interface Comparison {
  readonly title: string;
  readonly baseline: readonly [name: string, side: Side];
  readonly subject: readonly [name: string, side: Side];
  /** Least ratio that is asked for. */
  readonly wanted: number;
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
  console.log(`${title}: ${spread(ratios)}×, wanted ${wanted.toFixed(2)}×`);
  const others = Object.keys(ours[0]?.micros ?? {});
  printTable([
    ['', 'per second', 'p50 ms', 'p99 ms', 'own CPU µs', ...others.map((name) => `${name} CPU µs`)],
    row(baseline[0], base, others),
    row(subject[0], ours, others),
  ]);
}

function row(name: string, rounds: readonly Measured[], others: readonly string[]): string[] {
  const of = (value: (one: Measured) => number, digits = 0) => median(rounds.map(value)).toFixed(digits);
  return [
    name,
    of(({ perSecond }) => perSecond),
    of(({ p50 }) => p50, 1),
    of(({ p99 }) => p99, 1),
    of(({ ownMicros }) => ownMicros),
    ...others.map((other) => of(({ micros }) => micros[other] ?? Number.NaN)),
  ];
}
