import { CulvertError } from '@culvert/base';

/**
 * Reads the named replies of scripts and the records kept in Redis. What is not as expected was written by another
 * version or by hand: an error that names the field, never an undefined that travels on.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #what: string;

  private constructor(values: Readonly<Record<string, unknown>>, what: string) {
    this.#values = values;
    this.#what = what;
  }

  static of(value: unknown, what: string): Fields {
    if (typeof value !== 'object' || value === null) throw unexpected(what, 'not an object');
    return new Fields({ ...value }, what);
  }

  static parse(json: string, what: string): Fields {
    try {
      return Fields.of(JSON.parse(json), what);
    } catch (error) {
      throw error instanceof CulvertError ? error : unexpected(what, 'not JSON');
    }
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value === 'string') return value;
    throw unexpected(this.#what, `${name} is not a string`);
  }

  textOr<T>(name: string, fallback: T): string | T {
    return this.#has(name) ? this.text(name) : fallback;
  }

  /** A safe integer, as a JSON number or as decimal digits (Lua cannot write large ones otherwise). */
  integer(name: string): number {
    const value = this.#values[name];
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
    throw unexpected(this.#what, `${name} is not an integer`);
  }

  integerOr<T>(name: string, fallback: T): number | T {
    return this.#has(name) ? this.integer(name) : fallback;
  }

  flag(name: string): boolean {
    const value = this.#values[name];
    if (typeof value === 'boolean') return value;
    throw unexpected(this.#what, `${name} is not true or false`);
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#values[name];
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    throw unexpected(this.#what, `${name} is none of ${allowed.join(', ')}`);
  }

  fields(name: string): Fields {
    return Fields.of(this.#values[name], `${this.#what}.${name}`);
  }

  fieldsOr<T>(name: string, fallback: T): Fields | T {
    return this.#has(name) ? this.fields(name) : fallback;
  }

  /** A list; `{}` is an empty one, because cjson knows no empty array. */
  list(name: string): Fields[] {
    return this.#array(name).map((item) => Fields.of(item, `${this.#what}.${name}`));
  }

  texts(name: string): string[] {
    return this.#array(name).map((item) => {
      if (typeof item === 'string') return item;
      throw unexpected(this.#what, `${name} holds something that is not a string`);
    });
  }

  textsOr<T>(name: string, fallback: T): string[] | T {
    return this.#has(name) ? this.texts(name) : fallback;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  /** A map of strings to strings. */
  strings(): Record<string, string> {
    return Object.fromEntries(this.names().map((name) => [name, this.text(name)]));
  }

  #has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  #array(name: string): unknown[] {
    const value = this.#values[name];
    if (Array.isArray(value)) return value;
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return [];
    throw unexpected(this.#what, `${name} is not a list`);
  }
}

function unexpected(what: string, why: string): CulvertError {
  return new CulvertError('internal', `unexpected data in Redis: ${what}: ${why}`);
}
