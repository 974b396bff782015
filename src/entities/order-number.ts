import { createHash } from 'node:crypto';

/** Without 0, 1, I and O, which people mix up. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 8;

/**
 * The number people read out: `EL-`, 8 unambiguous characters made from the id, and a check character.
 * @param attempt raised when two ids made the same number (1 in 10^12 for each pair)
 */
export function orderNumber(id: string, attempt = 0): string {
  const digest = createHash('sha256')
    .update(`${id}${attempt || ''}`)
    .digest();
  const body = [...digest.subarray(0, LENGTH)].map((byte) => ALPHABET.charAt(byte & 31)).join('');
  return `EL-${body}${checkCharacter(body)}`;
}

/** True for a number whose check character fits, in any case. */
export function isOrderNumber(text: string): boolean {
  const [, body, check] = /^EL-([2-9A-HJ-NP-Z]{8})([2-9A-HJ-NP-Z])$/.exec(text.toUpperCase()) ?? [];
  return body !== undefined && checkCharacter(body) === check;
}

/** Odd weights modulo 32 notice every single wrong character. */
function checkCharacter(body: string): string {
  const sum = [...body].reduce((total, character, i) => total + ALPHABET.indexOf(character) * (2 * i + 1), 0);
  return ALPHABET.charAt(sum & 31);
}
