/** A named prepared INSERT over the columns of a table, for so many rows at once. */
export function prepared(table: string, columns: readonly string[], rows = 1): { name: string; text: string } {
  const row = (n: number) => `(${columns.map((_, i) => `$${n * columns.length + i + 1}`).join(',')})`;
  const values = Array.from({ length: rows }, (_, n) => row(n)).join(',');
  return {
    name: table,
    text: `insert into ${table} (${columns.map((name) => `"${name}"`).join(',')}) values ${values}`,
  };
}

export const words = (text: string): string[] => text.split(/\s+/);
