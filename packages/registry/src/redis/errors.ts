import { CulvertError } from '@culvert/base';

/** Replies that say "not now" rather than "never like this". */
const NOT_NOW =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|OOM|MISCONF|NOREPLICAS|NOAUTH|NOPERM|WRONGPASS)/;

const UNTRUSTED = 'its certificate is not signed by a CA that is trusted here; set ca';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'its host name does not resolve',
  EAI_AGAIN: 'its host name does not resolve now',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'its host cannot be reached',
  EPROTO: 'it does not speak TLS at that port, or not with us',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name; set servername, or name it as the certificate does',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** What error replies, and ioredis's own errors, begin with. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^(WRONGPASS|NOAUTH)/, 'it refuses the login'],
  [/^NOPERM/, 'its user may not do all that Culvert needs'],
  [/^READONLY/, 'it is a read-only replica'],
  [/^MOVED/, 'another server of the cluster has our keys now'],
  [/^(TRYAGAIN|ASK) /, 'our keys are being moved to another server of the cluster'],
  [/^CLUSTERDOWN/, 'its cluster is not whole'],
];

/** In plain words, why Redis cannot be used. Never contains a command's arguments. */
export function describeRedisError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code !== undefined && WORDS[code]) return `${WORDS[code]} (${code})`;
  if (error.message === 'Command timed out') return 'it does not answer in time';
  if (error.message.startsWith("Stream isn't writeable")) return 'the connection is being made';
  const [, meaning] = MEANINGS.find(([pattern]) => pattern.test(error.message)) ?? [];
  if (meaning !== undefined) return `${meaning} (${error.message})`;
  return error.message === '' ? error.name : error.message;
}

/**
 * A Redis client's failure as ours. The original is not kept as the cause: ioredis hangs the command with all its
 * arguments (AUTH's password, key hashes) on its errors, and whoever logs a cause would log those.
 */
export function toRegistryError(error: unknown, what: string, server: string): CulvertError {
  if (error instanceof CulvertError) return error;
  const why = describeRedisError(error);
  const cause = new Error(why);
  if (isReplyError(error) && !NOT_NOW.test(error.message)) {
    return new CulvertError('internal', `Redis at ${server} rejected ${what}: ${why}`, { cause });
  }
  return unavailable(server, why, cause);
}

export function unavailable(server: string, why: string, cause?: Error): CulvertError {
  return new CulvertError('registry_unavailable', `Redis at ${server} cannot be used: ${why}`, {
    retryAfterSeconds: 2,
    ...(cause ? { cause } : {}),
  });
}

/** The script cache was emptied (a restart, SCRIPT FLUSH, a failover). */
export function isNoScript(error: unknown): boolean {
  return isReplyError(error) && error.message.startsWith('NOSCRIPT');
}

/** The server itself is in trouble, rather than this one command: worth a probe before the next command waits as long. */
export function concernsServer(error: unknown): boolean {
  return error instanceof Error && /^(Command timed out|LOADING|CLUSTERDOWN)/.test(error.message);
}

/** A command was refused, and not carried out, because another server has our keys now: a new connection finds that one. */
export function isElsewhere(error: unknown): boolean {
  return error instanceof Error && /^(READONLY|MOVED|MASTERDOWN)/.test(error.message);
}

function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
