/** No single payment is larger, minor units: sums of payments stay exact numbers. */
export const LARGEST_PAYMENT = 10n ** 12n;

/** Every whole number of minor units up to this travels unchanged in a 32-bit float. */
export const LARGEST_FLOAT_EXACT = 2n ** 24n;

/** True for an amount that a 32-bit float holds exactly, as the platform's gRPC contract carries amounts. */
export function isExactInFloat(minor: bigint): boolean {
  const amount = Number(minor);
  return BigInt(amount) === minor && Math.fround(amount) === amount;
}
