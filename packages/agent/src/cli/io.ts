import { readFileSync } from 'node:fs';
import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { AgentTracing } from '../connection-trace.ts';

/** A place for text: a process's stdout or stderr, or what a test reads. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal, in characters. */
  readonly columns?: number | undefined;
}

/** What a command sees of its process. */
export interface CommandIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears each SIGINT and SIGTERM until the returned function is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  readonly logger?: Logger;
  /** Where spans go; unless given, nothing is traced. */
  readonly tracing?: AgentTracing;
}

/** The real process. `env` is handed in: it is read in one place per process. */
export function processIo(env: CommandIo['env'], logger?: Logger): CommandIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env,
    onSignal(listener) {
      const onInt = (): void => listener('SIGINT');
      const onTerm = (): void => listener('SIGTERM');
      process.on('SIGINT', onInt).on('SIGTERM', onTerm);
      return () => process.off('SIGINT', onInt).off('SIGTERM', onTerm);
    },
    ...(logger === undefined ? {} : { logger }),
  };
}

/** Which API, and with which key; flags win over the environment, the environment over the local cluster. */
export interface AccessArgs {
  /** `--api` */
  readonly api?: string | undefined;
  /** `--key`. Others on the machine can see flags: CULVERT_KEY or `--key-file` are safer. */
  readonly key?: string | undefined;
  /** `--key-file`: a file with the key in it. */
  readonly keyFile?: string | undefined;
  /** `--ca`: a PEM file of certificates to trust. */
  readonly ca?: string | undefined;
  /** What `local.json` of a cluster on this machine says. */
  readonly local?: { readonly api: string; readonly key?: string | undefined } | undefined;
}

/** Throws `config_invalid`, naming the flag and the variable. */
export function readAccess(args: AccessArgs, env: CommandIo['env']): { api: string; key: string; ca?: string } {
  const api = args.api ?? env.CULVERT_API ?? args.local?.api;
  if (!api) throw new CulvertError('config_invalid', 'no API address', { fix: 'Give --api or CULVERT_API.' });
  const key = readKey(args, env);
  if (!key) throw new CulvertError('config_invalid', 'no key', { fix: 'Give CULVERT_KEY, --key-file or --key.' });
  return { api, key, ...(args.ca === undefined ? {} : { ca: readTextFile('--ca', args.ca) }) };
}

function readKey(args: AccessArgs, env: CommandIo['env']): string | undefined {
  if (args.key !== undefined) return args.key;
  if (args.keyFile !== undefined) return readTextFile('--key-file', args.keyFile).trim();
  if (env.CULVERT_KEY) return env.CULVERT_KEY;
  // A local cluster's key belongs to that cluster: it is not sent to another API.
  const api = args.api ?? env.CULVERT_API;
  return api === undefined || api === args.local?.api ? args.local?.key : undefined;
}

function readTextFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CulvertError('config_invalid', `${flag}: ${toCulvertError(error).message}`, { cause: error });
  }
}

/** Reads `key=value` flags. Throws `config_invalid`, naming the flag. */
export function readPairs(flag: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CulvertError('config_invalid', `${flag} ${JSON.stringify(pair)} is not name=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** Says on stderr what is wrong with how a command was called, and what would be right. */
export function reportUsage(command: string, thrown: unknown, io: CommandIo): void {
  const error = toCulvertError(thrown);
  io.stderr.write(`culvert ${command}: ${error.message}\n${error.fix ? `${error.fix}\n` : ''}`);
}
