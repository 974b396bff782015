import { expect, test } from '@jest/globals';
import { OrderStatus } from '../../../src/entities/order-status.js';
import {
  decidePayment,
  type PaymentDecision,
  type PaymentFactKind,
  type PaymentSituation,
} from '../../../src/entities/payment-decision.js';
import { readText } from '../deploy/files.js';

/** What the words of a cell stand for, where nothing is special. */
const WORDS: Readonly<Record<string, PaymentDecision['do']>> = {
  'processing; older live payments are cancelled': 'process',
  'keep, cancel it': 'cancelAttempt',
  succeeded: 'complete',
  'give back': 'giveBack',
  'give back (a free order)': 'giveBack',
  'decide later': 'decideLater',
  keep: 'keep',
  'failed °': 'fail',
  T: 'backToPayable',
};

const usual: PaymentSituation = {
  onlyAttempt: false,
  firstCapture: true,
  liveLeft: false,
  oldAttempt: false,
  timeLeft: true,
  seatHeld: true,
};

/** Facts and situations of the columns; one with two answers is written "live left / none". */
const COLUMNS: readonly (readonly [readonly PaymentFactKind[], readonly Partial<PaymentSituation>[]])[] = [
  [['initiated'], [{}]],
  [['succeeded'], [{ firstCapture: true }]],
  [['succeeded'], [{ firstCapture: false }]],
  [
    ['failed', 'cancelled'],
    [{ liveLeft: true }, { liveLeft: false }],
  ],
  [['expired'], [{ liveLeft: true }, { liveLeft: false }]],
];

const rows = readText('docs/payment-events.md')
  .split('\n')
  .filter((line) => /^\| (?!status|-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const statusesOf = (names = '') => names.split(', ').map((name) => name.toUpperCase().replace(' ', '_') as OrderStatus);

test('the table of docs/payment-events.md says what the code decides', () => {
  const written: unknown[] = [];
  const decided: unknown[] = [];
  for (const [names, ...cells] of rows) {
    for (const status of statusesOf(names)) {
      COLUMNS.forEach(([facts, situations], column) => {
        const words = cells[column]?.split(' / ') ?? [];
        for (const fact of facts) {
          situations.forEach((situation, n) => {
            written.push({ status, fact, situation, decision: WORDS[words[n] ?? words[0] ?? ''] });
            decided.push({
              status,
              fact,
              situation,
              decision: decidePayment(status, fact, { ...usual, ...situation }).do,
            });
          });
        }
      });
    }
  }
  expect(written).toEqual(decided);
  expect(rows.flatMap(([names]) => statusesOf(names))).toHaveLength(Object.keys(OrderStatus).length - 1);
});
