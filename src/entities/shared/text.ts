/** True for text that every store and protocol keeps as it is: no lone surrogates and no NUL. */
export function isWellFormedText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

/** Makes text of another service storable: drops NUL, replaces lone surrogates, keeps at most `limit` UTF-16 units. */
export function toWellFormedText(value: string, limit = Number.POSITIVE_INFINITY): string {
  const stripped = value.includes('\0') ? value.replaceAll('\0', '') : value;
  // Cut before the check: a cut may split a surrogate pair.
  return (stripped.length > limit ? stripped.slice(0, limit) : stripped).toWellFormed();
}

/** Most UTF-16 code units that one character may take on average: enough for every emoji, not for endless accents. */
const UNITS_OF_CHARACTER = 16;

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Whether a text has more than `limit` characters as people count them: grapheme clusters, so that an emoji, a flag or a letter
 * with its accents is one. A text that needs more than 16 UTF-16 code units for each of `limit` characters is too long as well.
 */
export function isLongerThan(value: string, limit: number): boolean {
  if (value.length <= limit) return false;
  if (value.length > limit * UNITS_OF_CHARACTER) return true;
  let count = 0;
  for (const _character of characters.segment(value)) if (++count > limit) return true;
  return false;
}
