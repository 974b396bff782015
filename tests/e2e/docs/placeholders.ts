/** What the placeholders of a page stand for, such as "<order id>". */
export type Bindings = ReadonlyMap<string, unknown>;

const WHOLE = /^<([^<>]+)>$/;
const ANYWHERE = /<([^<>\n]+)>/g;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A placeholder whose name ends so stands for nothing else. */
const SHAPES: readonly (readonly [RegExp, RegExp])[] = [
  [/ id$/, UUID],
  [/ (at|until)$/, TIME],
];

const hasShape = (name: string, value: unknown): boolean =>
  ['string', 'number'].includes(typeof value) &&
  SHAPES.every(([names, shape]) => !names.test(name) || shape.test(String(value)));

/**
 * Compares an answer with the documented one. A placeholder takes the value of its first appearance and is equal to that
 * alone from then on.
 * @returns the answer with placeholders in place of what they stand for, equal to the documented one if it is as documented,
 * and the placeholders that are known then
 */
export function compare(documented: unknown, received: unknown, known: Bindings): { shown: unknown; known: Bindings } {
  const bound = new Map(known);
  return { shown: show(documented, received, bound), known: bound };
}

function show(documented: unknown, received: unknown, bound: Map<string, unknown>): unknown {
  const name = typeof documented === 'string' ? WHOLE.exec(documented)?.[1] : undefined;
  if (name !== undefined) {
    if (!bound.has(name) && hasShape(name, received)) bound.set(name, received);
    return bound.has(name) && bound.get(name) === received ? documented : received;
  }
  if (Array.isArray(received)) {
    const items: readonly unknown[] = Array.isArray(documented) ? documented : [];
    // An array of the fetch that got it has another prototype, and would never be equal to one of this test.
    return Array.from(received, (item, i) => show(items[i], item, bound));
  }
  if (typeof received !== 'object' || received === null) return received;
  const fields = (documented ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(received).map(([key, value]) => [key, show(fields[key], value, bound)]));
}

/** Puts what placeholders stand for in their place. @throws Error naming one that has not appeared in an answer before */
export function fillIn(text: string, known: Bindings): string {
  return text.replace(ANYWHERE, (_, name: string) => {
    if (!known.has(name)) throw new Error(`<${name}> has not appeared in an answer before`);
    return String(known.get(name));
  });
}
