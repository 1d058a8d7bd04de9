import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { CulvertError } from '@culvert/base';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A Redis URL, taken apart. Its errors never repeat it, nor a part of it: it may hold a password. */
export interface UrlParts {
  readonly tls: boolean;
  readonly form: 'single' | 'sentinel' | 'cluster';
  /** One; several for `sentinel` and `cluster`. The port is undefined where none was given. */
  readonly hosts: readonly { readonly host: string; readonly port: number | undefined }[];
  readonly username?: string;
  readonly password?: string;
  /** Between the slashes, decoded. */
  readonly path: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
}

const SHAPE = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/([^/?#]*@)?([^/?#]*)([/?][^#]*)?$/;

/**
 * Several hosts in one URL are not a URL as WHATWG has it, so each is read in a URL of its own.
 * undefined: it is none of ours. Throws `config_invalid` for one of ours that is malformed.
 */
export function takeApart(url: string): UrlParts | undefined {
  const [, s, form = 'single', login = '', hostList = '', rest = ''] = SHAPE.exec(url) ?? [];
  if (s === undefined) return undefined;
  const hosts = hostList.split(',').map((host) => parseHost(host, form));
  const parsed = URL.parse(`redis://${login}host${rest}`);
  if (!parsed || (form === 'single' && hosts.length > 1)) throw malformed();
  return {
    tls: s === 's',
    form: form as UrlParts['form'], // the pattern knows no other
    hosts,
    ...(parsed.username === '' ? {} : { username: decode(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decode(parsed.password) }),
    path: parsed.pathname.split('/').slice(1).filter(Boolean).map(decode),
    parameters: readParameters(parsed.searchParams),
  };
}

function parseHost(text: string, form: string): UrlParts['hosts'][number] {
  const parsed = URL.parse(`redis://${text}`);
  // `redis://` alone has always meant this machine; in a list, a host that is not there is a slip.
  if (!parsed || (text === '' && form !== 'single')) throw malformed();
  // WHATWG URLs keep the brackets of an IPv6 address; sockets want it bare.
  const host = parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  return { host, port: parsed.port === '' ? undefined : Number(parsed.port) };
}

function readParameters(given: URLSearchParams): Map<string, string> {
  const parameters = new Map(given);
  if (parameters.size === given.size) return parameters;
  throw new CulvertError('config_invalid', 'a parameter of the Redis URL is given twice');
}

/** Reads `ca`, `cert`, `key` (paths of PEM files) and `servername`. */
export function tlsOptions(parameters: ReadonlyMap<string, string>): TlsOptions {
  const options: TlsOptions = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = parameters.get(name);
    if (path !== undefined) options[name] = readPem(name, path);
  }
  const servername = parameters.get('servername');
  if (servername !== undefined) options.servername = servername;
  return options;
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    // Not the error itself: its message has the path, which is a part of the URL.
    throw new CulvertError('config_invalid', `the file that the Redis URL names as ${name} cannot be read (${why})`);
  }
}

/** Throws `config_invalid` if there is a parameter besides those. */
export function allowParameters(parameters: ReadonlyMap<string, string>, allowed: readonly string[]): void {
  if ([...parameters.keys()].every((name) => allowed.includes(name))) return;
  const known = allowed.length === 0 ? 'none is known there' : `known there: ${allowed.join(', ')}`;
  throw new CulvertError('config_invalid', `the Redis URL has a parameter that is not known; ${known}`);
}

export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new CulvertError('config_invalid', 'the Redis URL has a malformed %-escape', { cause });
  }
}

export function malformed(): CulvertError {
  return new CulvertError(
    'config_invalid',
    'the Redis URL must start with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://',
    {
      fix: 'for example redis://127.0.0.1:6379, unix:///run/redis.sock or redis+sentinel://one:26379,two:26379/primary',
    },
  );
}
