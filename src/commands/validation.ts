import { validate as isUuid } from 'uuid';
import { isLongerThan, isWellFormedText } from '../entities/shared/text.js';
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

  /** Text that can be stored, of `min` to `max` characters as people count them, where given. */
  text(value: string | null, path: string, { min = 0, max }: { readonly min?: number; readonly max: number }): this {
    if (value === null) return this;
    if (!isWellFormedText(value)) return this.expect(false, path, 'has characters that are not valid text');
    if (value.length < min) return this.expect(false, path, `must be ${min} to ${max} characters`);
    return this.expect(
      !isLongerThan(value, max),
      path,
      min > 0 ? `must be ${min} to ${max} characters` : `has more than ${max} characters`,
    );
  }

  /** Up to 500 characters, where given. */
  note(note: string | null): this {
    return this.text(note, 'note', { max: 500 });
  }

  /** An absolute http(s) address, where given. */
  url(value: string | null, path: string): this {
    if (value === null) return this;
    if (!isWellFormedText(value)) return this.expect(false, path, 'has characters that are not valid text');
    const ok = URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
    return this.expect(ok && value.length <= 2_000, path, 'is not an http address');
  }

  /** The refusal, or undefined when all is well. */
  refusal(): InvalidInput | undefined {
    return this.#fields.length > 0 ? new InvalidInput(this.#fields) : undefined;
  }
}
