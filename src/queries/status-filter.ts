/** Only these statuses; null: all. */
export type StatusFilter<S extends string> = readonly S[] | null;

/** The condition of a list on its column `status`, with its parameters. */
export function statusIs<S extends string>(
  status: StatusFilter<S>,
): { readonly sql: string; readonly parameters: unknown[] } {
  if (!status) return { sql: 'true', parameters: [] };
  return status.length > 0 ? { sql: 'status in (?)', parameters: [status] } : { sql: 'false', parameters: [] };
}
