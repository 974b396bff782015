import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { readEvents } from '../../dev/docs/event-schemas.js';

/** What the tests read of the AsyncAPI document. */
export interface AsyncApiDocument {
  readonly channels: Readonly<Record<string, { address: string; messages: { message: { $ref: string } } }>>;
  readonly operations: Readonly<Record<string, { action: 'send' | 'receive'; channel: { $ref: string } }>>;
}

const FILE = 'docs/asyncapi.yaml';

export const asyncApi = (): AsyncApiDocument => parse(readFileSync(FILE, 'utf8')) as AsyncApiDocument;

/** Topics of the document by what the service does with them. */
export function topicsOf(
  action: 'send' | 'receive',
  { channels, operations }: AsyncApiDocument = asyncApi(),
): string[] {
  const nameOf = (ref: string) => ref.replace('#/channels/', '');
  return Object.values(operations)
    .filter((operation) => operation.action === action)
    .map(({ channel }) => channels[nameOf(channel.$ref)]?.address ?? `no channel ${channel.$ref}`)
    .sort();
}

/** A message as it lies in a topic. */
export interface MessageOfTopic {
  readonly topic: string;
  readonly value: string;
  /** Left out where a test does not look at it. */
  readonly key?: string;
}

let validators: ReadonlyMap<string, ValidateFunction> | undefined;
let keys: ReadonlyMap<string, string | undefined> | undefined;

/** Checks of payloads by topic, made once from the document. */
function validatorsOf(document: AsyncApiDocument): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'asyncapi', ...document });
  return new Map(
    Object.values(document.channels).map(({ address, messages }) => [
      address,
      ajv.compile({ $ref: `asyncapi${messages.message.$ref}/payload` }),
    ]),
  );
}

/** What of messages does not fit the document, each with its topic; nothing when all is well. */
export function misfits(messages: readonly MessageOfTopic[]): string[] {
  validators ??= validatorsOf(asyncApi());
  keys ??= new Map(readEvents().topics.map(({ address, key }) => [address, key]));
  return messages.flatMap(({ topic, value, key }) => {
    const validate = validators?.get(topic);
    if (!validate) return [`${topic}: not in the document`];
    const message = JSON.parse(value) as Message;
    if (validate(message)) return hasKey(message, key, keys?.get(topic)) ? [] : [`${topic}: another key, ${key}`];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${topic} ${instancePath}: ${message}`);
  });
}

interface Message {
  readonly payload?: Readonly<Record<string, unknown>>;
}

const FIELD = /^payload\.(\w+)$/;

/** Whether a key is the field of the payload that the document names; true where it names none. */
function hasKey({ payload }: Message, key: string | undefined, documented: string | undefined): boolean {
  const field = FIELD.exec(documented ?? '')?.[1];
  return key === undefined || field === undefined || payload?.[field] === key;
}

/** What a message says of itself; nothing where it is no JSON object. */
function selfOf(value: string): { source?: string; eventType?: string } {
  try {
    return (JSON.parse(value) as object | null) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** True for messages that this service wrote. */
export function isOurs({ value }: { readonly value: string }): boolean {
  const { source, eventType } = selfOf(value);
  return source === 'order-service' || eventType === 'DLQEvent';
}

/** True for messages in the platform's envelope; tests also send some that are broken on purpose. */
export const isEnveloped = ({ value }: { readonly value: string }): boolean => selfOf(value).eventType !== undefined;
