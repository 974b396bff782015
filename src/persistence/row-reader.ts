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
  const props = orm.getMetadata().get(entity).props as readonly EntityProperty[];
  const columns = props
    .filter((prop) => (String(prop.kind) === 'scalar' || prop.mapToPk) && prop.persist !== false)
    .map((prop) => [prop.name, prop.fieldNames[0] ?? prop.name, CONVERT[String(prop.type)] ?? asIs] as const);
  return (row) => {
    const read = Object.create(entity.prototype as object) as Record<string, unknown>;
    for (const [property, column, convert] of columns) read[property] = convert(row[column]);
    return read as T;
  };
}
