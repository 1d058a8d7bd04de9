import { CulvertError } from '@culvert/base';

/** What is no JSON value (undefined, a function) is written as null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** Throws `internal`: what is kept there was written by another version, or by hand. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CulvertError('internal', `unexpected data in Redis: ${what}: not JSON`, { cause: error });
  }
}
