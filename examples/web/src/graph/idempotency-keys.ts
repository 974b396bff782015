const PREFIX = 'idempotency-key';

/** @param purpose what the effect is to bring about, in full: another cart is another purpose */
const nameOf = (personId: string, purpose: string) => `${PREFIX} ${personId} ${purpose}`;

/** The key of an effect: the same for every try of it, also after a reload, until it is settled. */
export function idempotencyKeyFor(personId: string, purpose: string): string {
  const name = nameOf(personId, purpose);
  const kept = localStorage.getItem(name);
  if (kept) return kept;
  const key = crypto.randomUUID();
  localStorage.setItem(name, key);
  return key;
}

/** Forgets the key, once the effect has got an answer that trying again would not change. */
export function settleIdempotencyKey(personId: string, purpose: string): void {
  localStorage.removeItem(nameOf(personId, purpose));
}
