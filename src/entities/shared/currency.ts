import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { CODES_BY_DECIMAL_PLACES } from './currency-table.js';

const decimalPlaces: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_DECIMAL_PLACES).flatMap(([places, codes]) =>
    codes.split(' ').map((code) => [code, Number(places)] as const),
  ),
);

/** Decimal places of amounts that were stored in a code that ISO 4217 does not list, or lists no more. */
const DEFAULT_DECIMAL_PLACES = 2;

/** True for the code, in upper case, of a current ISO 4217 currency that has minor units: only in these anything is sold. */
export function isCurrency(code: string): boolean {
  return decimalPlaces.has(code);
}

/**
 * Digits after the decimal point of an amount in a currency (ISO 4217, the same on every platform). Stored amounts in an
 * unknown code have two.
 */
export function decimalPlacesOf(code: string): number {
  return decimalPlaces.get(code) ?? DEFAULT_DECIMAL_PLACES;
}

const CODE = /^[A-Za-z]{3}$/;

function readCode(value: unknown): string {
  if (typeof value === 'string' && CODE.test(value)) return value.toUpperCase();
  throw new GraphQLError('a currency is the three letters of an ISO 4217 code, such as INR', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

/**
 * The graph's scalar of currency codes. It answers whatever is stored, since one order in an unknown currency must not
 * blank a list; what may be stored is decided by {@link isCurrency}.
 */
export const CurrencyScalar = new GraphQLScalarType<string, string>({
  name: 'Currency',
  description: 'An ISO 4217 currency code, such as INR.',
  specifiedByURL: 'https://en.wikipedia.org/wiki/ISO_4217',
  serialize: String,
  parseValue: readCode,
  parseLiteral: (node) => readCode(node.kind === Kind.STRING ? node.value : undefined),
  extensions: { codegenScalarType: 'string' },
});
