import { parse } from 'yaml';
import { readProject } from './documents.js';

/** The parts of JSON Schema that docs/asyncapi.yaml uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly allOf?: readonly JsonSchema[];
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

interface Message {
  readonly headers?: JsonSchema;
  readonly payload: JsonSchema;
  readonly bindings?: { readonly $ref: string };
}

interface AsyncApi {
  readonly info: { readonly description: string };
  readonly channels: Readonly<
    Record<string, { address: string; description?: string; messages: { message: { $ref: string } } }>
  >;
  readonly operations: Readonly<
    Record<string, { action: 'send' | 'receive'; channel: { $ref: string }; summary: string }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>;
    readonly messageBindings: Readonly<Record<string, { readonly kafka: { readonly key: JsonSchema } }>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

/** A topic and what travels in it. */
export interface Topic {
  readonly address: string;
  readonly action: 'send' | 'receive';
  /** When it is sent, or what follows from it. */
  readonly summary: string;
  readonly remark: string;
  /** What its key is; nothing where the service does not look at it. */
  readonly key: string | undefined;
  readonly schema: JsonSchema;
}

export interface Events {
  readonly description: string;
  readonly topics: readonly Topic[];
  /** Of the document, with what it refers to in its place. */
  schema(name: string): JsonSchema;
}

const lastPart = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1);

/** Reads docs/asyncapi.yaml. @throws Error naming what it refers to and does not have */
export function readEvents(): Events {
  const { info, channels, operations, components } = parse(readProject('docs/asyncapi.yaml')) as AsyncApi;
  const schema = (name: string) => flat(named(components.schemas, name), components.schemas);
  const topics = Object.values(operations).map(({ action, channel, summary }): Topic => {
    const { address, description, messages } = named(channels, lastPart(channel.$ref));
    const { payload, bindings } = named(components.messages, lastPart(messages.message.$ref));
    const key = bindings && named(components.messageBindings, lastPart(bindings.$ref)).kafka.key.description;
    return { address, action, summary, remark: description ?? '', key, schema: flat(payload, components.schemas) };
  });
  return { description: info.description, topics, schema };
}

function named<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name];
  if (!found) throw new Error(`docs/asyncapi.yaml has no ${name}`);
  return found;
}

/** A schema without references and `allOf`. */
function flat(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const { $ref, allOf = [], ...own } = schema;
  const parts = [...($ref ? [named(schemas, lastPart($ref))] : []), ...allOf].map((part) => flat(part, schemas));
  const properties = Object.entries(own.properties ?? {}).map(([name, part]) => [name, flat(part, schemas)] as const);
  const self = {
    ...own,
    ...(own.items ? { items: flat(own.items, schemas) } : {}),
    ...(properties.length ? { properties: Object.fromEntries(properties) } : {}),
  };
  return [...parts, self].reduce(merged);
}

function merged(a: JsonSchema, b: JsonSchema): JsonSchema {
  const names = Object.keys({ ...a.properties, ...b.properties });
  const properties = names.map(
    (name) => [name, merged(a.properties?.[name] ?? {}, b.properties?.[name] ?? {})] as const,
  );
  const required = [...new Set([...(a.required ?? []), ...(b.required ?? [])])];
  return {
    ...a,
    ...b,
    ...(required.length ? { required } : {}),
    ...(properties.length ? { properties: Object.fromEntries(properties) } : {}),
  };
}
