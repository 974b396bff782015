import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { GraphQLSafeInt } from 'graphql-scalars';
import { CurrencyScalar, decimalPlacesOf, isCurrency } from './shared/currency.js';

/** An amount in minor units (cents, paise) of one currency. Immutable; arithmetic refuses mixed currencies. */
@ObjectType({ description: 'An amount of money in minor units (cents, paise) of one currency.' })
@Directive('@shareable')
export class Money {
  readonly minor: bigint;

  @Field(() => CurrencyScalar, { description: 'ISO 4217 currency code.' })
  readonly currency: string;

  constructor(minor: bigint, currency: string) {
    this.minor = minor;
    this.currency = currency;
  }

  @Field(() => GraphQLSafeInt, { description: 'The amount in minor units.' })
  get amount(): number {
    return Number(this.minor);
  }

  @Field(() => Int, {
    description:
      'Digits after the decimal point (ISO 4217): `amount` / 10^`decimalPlaces` is the amount in major units.',
  })
  get decimalPlaces(): number {
    return decimalPlacesOf(this.currency);
  }

  static zero(currency: string): Money {
    return new Money(0n, currency);
  }

  /** @throws RangeError when the currencies differ */
  plus(other: Money): Money {
    return new Money(this.minor + this.#same(other).minor, this.currency);
  }

  /** @throws RangeError when the currencies differ */
  minus(other: Money): Money {
    return new Money(this.minor - this.#same(other).minor, this.currency);
  }

  #same(other: Money): Money {
    if (other.currency !== this.currency) throw new RangeError(`${this.currency} and ${other.currency} do not add up`);
    return other;
  }

  /**
   * Splits this amount in proportion to the weights without losing a minor unit (largest remainder, ties to the first).
   * All weights zero: the first part gets everything.
   * @throws RangeError without weights, or with a negative weight or amount
   */
  allocate(weights: readonly bigint[]): Money[] {
    if (weights.length === 0 || this.minor < 0n || weights.some((weight) => weight < 0n)) {
      throw new RangeError('allocate needs an amount and weights that are not negative');
    }
    const sum = weights.reduce((a, b) => a + b, 0n);
    const shares = sum === 0n ? weights.map((_, i) => (i === 0 ? 1n : 0n)) : weights;
    const whole = sum === 0n ? 1n : sum;
    const parts = shares.map((share) => (this.minor * share) / whole);
    const left = this.minor - parts.reduce((a, b) => a + b, 0n);
    const byRemainder = shares
      .map((share, index) => ({ index, remainder: (this.minor * share) % whole }))
      .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
    // Less is left than there are parts: each of the first gets one.
    const raised = new Set(byRemainder.slice(0, Number(left)).map(({ index }) => index));
    return parts.map((part, index) => new Money(raised.has(index) ? part + 1n : part, this.currency));
  }
}

function pricedDecimalPlaces(currency: string): number {
  if (!isCurrency(currency)) throw new RangeError(`${currency} is not an ISO 4217 currency`);
  return decimalPlacesOf(currency);
}

/**
 * Money from the course service's whole major units.
 * @throws RangeError for a fraction, a negative amount, more than a safe integer of minor units, or a code that is no currency
 */
export function fromMajorUnits(major: number, currency: string): Money {
  if (!Number.isSafeInteger(major) || major < 0) throw new RangeError(`no price: ${major}`);
  const minor = BigInt(major) * 10n ** BigInt(pricedDecimalPlaces(currency));
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`no price: ${major}`);
  return new Money(minor, currency);
}

/** Below it a 32-bit float tells neighbouring hundredths apart. */
const LARGEST_FRACTIONAL = 2 ** 17;

/**
 * Money from the session service's major units, which travel as a 32-bit float: 199.99 comes as 199.99000549…
 * @throws RangeError for a negative amount, a fraction of a minor unit, or a code that is no currency
 */
export function fromMajorFloat(major: number, currency: string): Money {
  if (Number.isInteger(major)) return fromMajorUnits(major, currency);
  const units = 10 ** pricedDecimalPlaces(currency);
  const minor = Math.round(major * units);
  const isExact = Math.fround(minor / units) === Math.fround(major);
  if (!(major > 0 && major < LARGEST_FRACTIONAL && isExact)) throw new RangeError(`no price: ${major}`);
  return new Money(BigInt(minor), currency);
}
