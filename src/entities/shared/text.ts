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
