import { CulvertError } from '@culvert/base';
import type { Parser } from './parsers.ts';

/** One option of a role: where it is read from, what it must look like, what it is when nobody says. */
export interface Option<T> {
  /** `--admin-listen`; null for what must not stand in a process list. */
  readonly flag: string | null;
  /** `CULVERT_ADMIN_LISTEN`. */
  readonly env: string;
  readonly parser: Parser<T>;
  /** Absent: the option is required. */
  readonly default?: T;
  /** One line for `--help`. */
  readonly doc: string;
  /** Its value is never repeated in a message. */
  readonly secret?: boolean;
}

export type OptionTable<C> = { readonly [K in keyof C]: Option<C[K]> };

/** What a command line parser needs to offer an option. */
export interface OptionHelp {
  /** `--admin-listen`, or null: environment only. */
  readonly flag: string | null;
  /** The name under which `readOptions` looks for the flag: `adminListen` (commander's own rule). */
  readonly attribute: string | null;
  readonly env: string;
  readonly expects: string;
  /** `doc`, with the default or `required` added. */
  readonly description: string;
  readonly required: boolean;
  /** What the flag alone stands for; null: it needs a value. */
  readonly alone: string | null;
}

/** The options of a table, in its order, for `--help`. */
export function listOptions<C>(table: OptionTable<C>): OptionHelp[] {
  return entries(table).map(([, option]) => ({
    flag: option.flag,
    attribute: option.flag === null ? null : attributeOf(option.flag),
    env: option.env,
    expects: option.parser.expects,
    description: describe(option),
    required: !('default' in option),
    alone: option.parser.alone ?? null,
  }));
}

/**
 * The configuration of a process, read once. A flag wins over its variable; an empty variable counts as absent
 * (container files set those). Throws one `config_invalid` that lists every wrong entry.
 */
export function readOptions<C>(
  table: OptionTable<C>,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): C {
  const config: Partial<C> = {};
  const wrong: string[] = [];
  for (const [name, option] of entries(table)) {
    const given = find(option, flags, env);
    if (given === undefined) {
      if ('default' in option) config[name] = option.default;
      else wrong.push(`${naming(option)}: missing; expected ${option.parser.expects}`);
      continue;
    }
    const value = option.parser.parse(given.text);
    if (value === undefined) wrong.push(complaint(option, given));
    else config[name] = value;
  }
  if (wrong.length > 0) throw invalid(wrong);
  return config as C; // every key of the table was set above
}

interface Given {
  readonly text: string;
  /** `--redis` or `CULVERT_REDIS_URL`. */
  readonly source: string;
}

function find(
  option: Option<unknown>,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): Given | undefined {
  if (option.flag !== null) {
    const flag = flags[attributeOf(option.flag)];
    if (flag !== undefined && flag !== null) return { text: String(flag), source: option.flag };
  }
  const variable = env[option.env];
  return variable ? { text: variable, source: option.env } : undefined;
}

function complaint(option: Option<unknown>, given: Given): string {
  const shown = option.secret ? '' : ` ${JSON.stringify(withoutPassword(given.text).slice(0, 200))} given;`;
  return `${naming(option)}:${shown} expected ${option.parser.expects} (read from ${given.source})`;
}

/** A wrong URL may still carry a password, which a message must not repeat. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^@/\s]*@/g, '//***@');
}

function naming(option: Option<unknown>): string {
  return option.flag === null ? option.env : `${option.flag} / ${option.env}`;
}

function describe(option: Option<unknown>): string {
  if (!('default' in option)) return `${option.doc} (required)`;
  const value = option.default;
  if (value === null || option.secret) return option.doc;
  return `${option.doc} (default: ${option.parser.print?.(value) ?? String(value)})`;
}

function attributeOf(flag: string): string {
  return flag.replace(/^--/, '').replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function invalid(wrong: readonly string[]): CulvertError {
  const list = wrong.map((line) => `  ${line}`).join('\n');
  return new CulvertError('config_invalid', `the configuration is wrong:\n${list}`, {
    fix: 'Correct the flags or variables named above; --help lists them all.',
  });
}

/** Object.entries, with the key's type kept; a table is written by hand and has no other keys. */
function entries<C>(table: OptionTable<C>): [keyof C, Option<C[keyof C]>][] {
  return Object.entries(table) as [keyof C, Option<C[keyof C]>][];
}
