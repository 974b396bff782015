import { describe, expect, test } from '@jest/globals';
import { parseValue } from 'graphql';
import { printCurrencyTable, readCurrencyList } from '../../../../dev/currencies/currency-table.js';
import { readProject } from '../../../../dev/docs/documents.js';
import { formatted } from '../../../../dev/docs/formatted.js';
import { fromMajorFloat, fromMajorUnits, Money } from '../../../../src/entities/money.js';
import { CurrencyScalar, decimalPlacesOf, isCurrency } from '../../../../src/entities/shared/currency.js';

const TABLE = 'src/entities/shared/currency-table.ts';
const list = readCurrencyList(readProject('dev/currencies/iso-4217-list-one.xml'));

describe('the currency table', () => {
  test('is what the list of the ISO 4217 maintenance agency says', async () => {
    expect(await formatted(TABLE, printCurrencyTable(list))).toBe(readProject(TABLE));
    const wrong = [...list.decimalPlaces].filter(
      ([code, places]) => !isCurrency(code) || decimalPlacesOf(code) !== places,
    );
    expect([list.published, list.decimalPlaces.size, wrong]).toEqual(['2026-01-01', 165, []]);
  });

  test.each(['', '<ISO_4217 Pblshd="2026-01-01"><CcyTbl/></ISO_4217>', '<html>gone</html>'])(
    'is not made from something else: %j',
    (text) => {
      expect(() => readCurrencyList(text)).toThrow('this is not ISO 4217 list one');
    },
  );
});

describe('decimal places of a currency', () => {
  // ICU, which Node.js asks, says 0 for the currencies of the first line in some versions and 2 in others.
  test.each([
    [2, 'HUF IDR COP PKR ALL AMD AFN IRR KPW LAK LBP MGA MMK SOS SYP YER TZS UZS RSD'.split(' ')],
    [2, ['INR', 'USD', 'EUR', 'VED', 'XAD', 'XCG', 'ZWG', 'SLE', 'CHE', 'BOV']],
    [0, ['JPY', 'KRW', 'ISK', 'CLP', 'VND', 'UGX', 'XAF', 'UYI']],
    [3, ['KWD', 'BHD', 'TND', 'LYD']],
    [4, ['CLF', 'UYW']],
  ])('%i: %j', (places, codes) => {
    expect(codes.filter((code) => !isCurrency(code))).toEqual([]);
    expect(codes.map(decimalPlacesOf)).toEqual(codes.map(() => places));
    expect(codes.map((code) => fromMajorUnits(7, code).minor)).toEqual(codes.map(() => 7n * 10n ** BigInt(places)));
    expect(codes.map((code) => fromMajorFloat(7, code).decimalPlaces)).toEqual(codes.map(() => places));
  });

  test.each(['ZZZ', 'XXX', 'XTS', 'XAU', 'XDR', 'HRK', 'BGN', 'inr', 'INRR', '', 'constructor', '__proto__'])(
    '%j is no currency to sell in, and what is stored in it has two',
    (code) => {
      expect([isCurrency(code), decimalPlacesOf(code), new Money(1n, code).decimalPlaces]).toEqual([false, 2, 2]);
      expect(() => fromMajorUnits(1, code)).toThrow(RangeError);
      expect(() => fromMajorFloat(0.5, code)).toThrow(RangeError);
    },
  );
});

describe('the scalar', () => {
  test.each(['INR', 'VED', 'XAD', 'ZZZ', 'HRK', ''])('answers %j, whatever is stored', (code) => {
    expect(CurrencyScalar.serialize(code)).toBe(code);
  });

  test('takes three letters in any case', () => {
    expect(['INR', 'inr', 'VED', 'XAD', 'ZZZ'].map((code) => CurrencyScalar.parseValue(code))).toEqual([
      'INR',
      'INR',
      'VED',
      'XAD',
      'ZZZ',
    ]);
    expect(CurrencyScalar.parseLiteral(parseValue('"xad"'), {})).toBe('XAD');
  });

  test.each(['', 'IN', 'RUPEE', 'IN1', 'ıNR', 'INR\n', 356, null, ['INR'], {}])('refuses %j', (value) => {
    expect(() => CurrencyScalar.parseValue(value)).toThrow('a currency is the three letters of an ISO 4217 code');
  });

  test.each(['356', 'INR', '["INR"]', 'null'])('refuses the literal %s', (text) => {
    expect(() => CurrencyScalar.parseLiteral(parseValue(text), {})).toThrow('a currency is the three letters');
  });
});
