import { CulvertError } from '@culvert/base';

/** One entry of the history, as it was written. What a type has for fields is for readers to know, newer ones too. */
export interface EventEntry {
  /** `ms-number` on Redis's clock; ids rise within one data set. */
  readonly id: string;
  /** `session.opened`, say; empty if it was written without one. */
  readonly type: string;
  /** All but the type. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Before every entry: whoever begins here has the whole history before it, however much of it was trimmed. */
export const BEGINNING = '0-0';

const ID = /^(\d{1,15})(?:-(\d{1,15}))?$/;

/** ms since the Unix epoch on Redis's clock, and the number within that millisecond. Throws `invalid_request`. */
export function idParts(id: string): readonly [ms: number, number: number] {
  const match = ID.exec(id);
  if (!match) throw new CulvertError('invalid_request', 'an event id is <ms>-<number>, or <ms>');
  return [Number(match[1]), Number(match[2] ?? 0)];
}

/** Below zero: `a` is the older one. */
export function compareIds(a: string, b: string): number {
  const [ms, number] = idParts(a);
  const [otherMs, otherNumber] = idParts(b);
  return ms - otherMs || number - otherNumber;
}

export function toEntry(id: string, { type = '', ...fields }: Readonly<Record<string, string>>): EventEntry {
  return { id, type, fields };
}

/** From `[name, value, …]`, as Redis replies the fields of an entry. */
export function toEntryOf(id: string, flat: readonly string[]): EventEntry {
  const names = flat.filter((_text, at) => at % 2 === 0);
  return toEntry(id, Object.fromEntries(names.map((name, at) => [name, flat[at * 2 + 1] ?? ''])));
}
