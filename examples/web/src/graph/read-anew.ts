/** Reads a query anew. What goes wrong is in the query's own error, which its page shows. */
export function readAnew(query: { readonly refetch: () => Promise<unknown> }): void {
  query.refetch().catch(() => undefined);
}
