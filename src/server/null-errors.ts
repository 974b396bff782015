import type { ExecutionResult, GraphQLError } from 'graphql';

/**
 * The errors of a result, one for each null that errors caused. When several required fields of an object fail, all of them
 * make the object null; how many of these errors an executor reports depends on its timing, so only the first one counts.
 */
export function errorsByNull({ data, errors }: ExecutionResult): readonly GraphQLError[] | undefined {
  if (!errors || errors.length < 2 || data === undefined) return errors;
  const seen = new Set<string>();
  return errors.filter(({ path }) => {
    const place = path && JSON.stringify(path.slice(0, depthOfNull(data, path)));
    if (place === undefined) return true;
    const isFirst = !seen.has(place);
    seen.add(place);
    return isFirst;
  });
}

/** How many steps of a path lead to the null that hides the rest of it. */
function depthOfNull(data: unknown, path: readonly (string | number)[]): number {
  let value = data;
  for (const [depth, step] of path.entries()) {
    if (value === null || typeof value !== 'object') return depth;
    value = (value as Record<string | number, unknown>)[step];
  }
  return path.length;
}
