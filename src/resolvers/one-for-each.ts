/** Makes one of a kind for each combination of arguments, and answers the same again for the same ones. */
export function oneForEach<Key extends unknown[], T>(make: (...key: Key) => T): (...key: Key) => T {
  const made = new Map<string, T>();
  return (...key) => {
    const name = JSON.stringify(key);
    const known = made.get(name) ?? make(...key);
    made.set(name, known);
    return known;
  };
}
