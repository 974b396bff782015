import { validate as isUuid } from 'uuid';
import { InvalidField, InvalidInput } from '../entities/refusals.js';

const KEY = /^[\x21-\x7e]{1,128}$/;

/** Collects what is wrong with an input, so that all of it is answered at once. */
export class InputCheck {
  readonly #fields: InvalidField[] = [];

  /** Adds a complaint about a field unless `ok`. */
  expect(ok: boolean, path: string, message: string): this {
    if (!ok) this.#fields.push(new InvalidField(path, message));
    return this;
  }

  uuid(value: string, path: string): this {
    return this.expect(isUuid(value), path, 'is not a UUID');
  }

  /** 1 to 128 visible characters, where given. */
  idempotencyKey(key: string | null): this {
    return this.expect(key === null || KEY.test(key), 'idempotencyKey', 'must be 1 to 128 visible characters');
  }

  /** Up to 500 characters, where given. */
  note(note: string | null): this {
    return this.expect(note === null || note.length <= 500, 'note', 'has more than 500 characters');
  }

  /** An absolute http(s) address, where given. */
  url(value: string | null, path: string): this {
    const ok = value === null || (URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol));
    return this.expect(ok && (value?.length ?? 0) <= 2_000, path, 'is not an http address');
  }

  /** The refusal, or undefined when all is well. */
  refusal(): InvalidInput | undefined {
    return this.#fields.length > 0 ? new InvalidInput(this.#fields) : undefined;
  }
}
