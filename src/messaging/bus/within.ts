/** Something did not end within its time. What it does afterwards is unknown. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError';
}

/** The outcome of a promise, or TimeLimitError when it has none after limitMs. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
