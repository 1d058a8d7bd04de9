import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CulvertError } from '@culvert/base';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { MAX_CALL_MS } from './limits.ts';

/** What commands are told, as `{name}` in an argument and as CULVERT_DEPLOY_NAME in their environment. */
export const EXEC_FIELDS = [
  'id',
  'role',
  'pool',
  'version',
  'replaces',
  'cordoned',
  'deployment',
  'fence',
  'directory',
  'grace',
] as const;

const Command = Type.Array(Type.String({ maxLength: 4_096 }), { minItems: 1, maxItems: 100 });

/**
 * The operator's own commands, run without a shell, in the folder of this file. They are told of the node by placeholders
 * and variables (EXEC_FIELDS; what does not apply is empty, `grace` is in ms), and inherit the environment without
 * CULVERT_ variables, save those in `pass`. A command ends with 0 once its work has begun; with 75 (EX_TEMPFAIL) if it is
 * to be tried again; with any other code it has failed, and the end of its standard error says why. What it leaves running
 * must not keep its output open.
 */
const ExecConfig = Type.Object(
  {
    /** Brings the node `{id}` into being. Must do nothing if it is there, or has ended by itself. */
    launch: Command,
    /** Prints every node that it knows, a JSON object a line: {id, role, version, state, pid?, exit?}. */
    list: Command,
    /** Ends the node `{id}`: politely, and by force `{grace}` ms later. Is asked again until the node is gone. */
    terminate: Command,
    /** Prints the end of the log of the node `{id}`. */
    logs: Type.Optional(Command),
    /** For one call of a provider, with all that is tried again; 10,000. */
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: MAX_CALL_MS })),
    /** Names of CULVERT_ variables that commands inherit: CULVERT_SECRET, say, if they start nodes themselves. */
    pass: Type.Optional(Type.Array(Type.String({ pattern: '^CULVERT_[A-Z0-9_]{1,60}$' }), { maxItems: 100 })),
  },
  { additionalProperties: false },
);
export type ExecConfig = Static<typeof ExecConfig>;

const PLACEHOLDER = /\{([a-z]+)\}/g;
const KNOWN: ReadonlySet<string> = new Set(EXEC_FIELDS);

/** Reads and checks the file. Rejects with `config_invalid`, naming the file and every wrong entry. */
export async function readExecConfig(file: string): Promise<{ config: ExecConfig; folder: string }> {
  const given = await parse(file);
  if (!Value.Check(ExecConfig, given)) {
    throw invalid(
      file,
      [...Value.Errors(ExecConfig, given)].map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`),
    );
  }
  const unknown = (['launch', 'list', 'terminate', 'logs'] as const).flatMap((name) =>
    (given[name] ?? [])
      .flatMap((argument) => [...argument.matchAll(PLACEHOLDER)].map(([, field = '']) => field))
      .filter((field) => !KNOWN.has(field))
      .map((field) => `/${name}: there is no {${field}}; known are ${[...KNOWN].join(', ')}`),
  );
  if (unknown.length > 0) throw invalid(file, unknown);
  return { config: given, folder: dirname(resolve(file)) };
}

/** The arguments with the fields put in; what a field holds is one argument, or a part of one, whatever it holds. */
export function fillIn(argv: readonly string[], fields: Readonly<Record<string, string>>): string[] {
  return argv.map((argument) => argument.replaceAll(PLACEHOLDER, (whole, name: string) => fields[name] ?? whole));
}

async function parse(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw invalid(file, [error instanceof Error ? error.message : String(error)], error);
  }
}

function invalid(file: string, wrong: readonly string[], cause?: unknown): CulvertError {
  return new CulvertError('config_invalid', `${file} is wrong:\n${wrong.map((line) => `  ${line}`).join('\n')}`, {
    fix: 'It holds {"launch": [argv], "list": [argv], "terminate": [argv], "logs"?: [argv], "timeoutMs"?, "pass"?: [names]}.',
    ...(cause === undefined ? {} : { cause }),
  });
}
