/** How each property of an object is made: of what all are made of, and of the other properties. */
export type Makers<Source, Made> = { readonly [Name in keyof Made]: (source: Source, made: Made) => Made[Name] };

/** Makes objects of which each property is made when it is first used: an operation uses few of all loaders. */
export function madeOnUse<Source extends object, Made extends object>(
  makers: Makers<Source, Made>,
): (source: Source) => Made {
  const prototype = {};
  for (const name of Object.keys(makers) as (keyof Made)[]) {
    Object.defineProperty(prototype, name, {
      get(this: Made & { readonly source: Source }) {
        const value = makers[name](this.source, this);
        Object.defineProperty(this, name, { value });
        return value;
      },
    });
  }
  return (source) => Object.create(prototype, { source: { value: source } }) as Made;
}
