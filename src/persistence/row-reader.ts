import type { EntityProperty, MikroORM } from '@mikro-orm/postgresql';

/** A row as the database gives it. */
export type Row = Readonly<Record<string, unknown>>;

type Convert = (value: unknown) => unknown;

const asIs: Convert = (value) => value;
const orNull =
  (convert: Convert): Convert =>
  (value) =>
    value === null || value === undefined ? null : convert(value);
/** By the ORM's name of a property's type. */
const CONVERT: Readonly<Record<string, Convert>> = {
  BigIntType: orNull((value) => BigInt(value as string)),
  datetime: orNull((value) => (value instanceof Date ? value : new Date(value as string))),
  JsonType: orNull((value) => (typeof value === 'string' ? JSON.parse(value) : value)),
};

/**
 * Makes objects of an entity's class from plain rows, outside any unit of work: for reads that need the class's getters
 * but no change tracking. Relations are left out.
 */
export function rowReader<T extends object>(orm: MikroORM, entity: new () => T): (row: Row) => T {
  const columns = columnsOf(orm, entity);
  return (row) => {
    const read = Object.create(entity.prototype as object) as Record<string, unknown>;
    for (const [property, column, convert] of columns) read[property] = convert(row[column]);
    return read as T;
  };
}

/** Where text needs a conversion that the value itself would not need; by the ORM's name of a property's type. */
const FROM_TEXT: Readonly<Record<string, Convert>> = {
  text: asIs,
  uuid: asIs,
  integer: orNull(Number),
  boolean: orNull((value) => value === 'true'),
  BigIntType: asIs,
  datetime: asIs,
  JsonType: asIs,
};

/**
 * Makes the same objects from rows that travel inside another row, as arrays of their column values in text: PostgreSQL
 * builds and JavaScript reads them at less cost than JSON objects, and no number is rounded on its way.
 */
export interface TupleReader<T> {
  /** The SQL expression of such an array. @param alias of the table in the statement */
  sql(alias: string): string;
  read(values: readonly (string | null)[]): T;
}

/** @param more columns that no property is mapped to, by the name under which they are read */
export function tupleReader<T extends object>(
  orm: MikroORM,
  entity: new () => T,
  more: Readonly<Record<string, string>> = {},
): TupleReader<T> {
  const mapped = columnsOf(orm, entity).map(([name, column, convert, type]) => {
    const fromText = FROM_TEXT[type];
    if (!fromText) throw new Error(`${entity.name}.${name} of type ${type} cannot be read from text`);
    return { name, column, convert: fromText === asIs ? convert : fromText };
  });
  const unmapped = Object.entries(more).map(([name, column]) => ({ name, column, convert: asIs }));
  const columns = [...mapped, ...unmapped];
  return {
    sql: (alias) => `array[${columns.map(({ column }) => `${alias}."${column}"::text`).join(', ')}]`,
    read: (values) => {
      const read = Object.create(entity.prototype as object) as Record<string, unknown>;
      columns.forEach(({ name, convert }, i) => (read[name] = convert === asIs ? values[i] : convert(values[i])));
      return read as T;
    },
  };
}

type Column = readonly [property: string, column: string, convert: Convert, type: string];

function columnsOf(orm: MikroORM, entity: new () => object): readonly Column[] {
  const props = orm.getMetadata().get(entity).props as readonly EntityProperty[];
  return props
    .filter((prop) => (String(prop.kind) === 'scalar' || prop.mapToPk) && prop.persist !== false)
    .map((prop): Column => {
      // A relation that is kept as its key is named by its entity.
      const type = prop.mapToPk ? 'uuid' : String(prop.type);
      return [prop.name, prop.fieldNames[0] ?? prop.name, CONVERT[type] ?? asIs, type];
    });
}
