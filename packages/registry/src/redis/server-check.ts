import type { Redis } from 'ioredis';
import { isWhole } from './cluster.ts';
import type { RedisForm } from './options.ts';
import { CHECK_SCRIPT, PROBES } from './rights-check.ts';
import { publishCommand } from './subscriber.ts';

/** What the test suite runs against starts here; older lines get no security fixes any more. */
const OLDEST = { version: [6, 2], why: '' } as const;
const OLDEST_CLUSTER = { version: [7, 0], why: ' in a cluster (sharded pub/sub)' } as const;

export interface Fitness {
  /** Why this server must not hold the registry, in words; undefined if it may. */
  readonly objection: string | undefined;
  /** Another server may be fit: it is worth looking for that one. */
  readonly elsewhere: boolean;
  /** Its clock, ms since the Unix epoch. */
  readonly nowMs: number;
  /** It keeps nothing over a restart. false also where it does not tell. */
  readonly isVolatile: boolean;
}

/**
 * Looks at the very server that holds `probeKey`, and at what its user may do there. Managed services often forbid
 * CONFIG, so what matters is read from INFO. Rejects with the client's error, MOVED among them.
 */
export async function checkServer(redis: Redis, form: RedisForm, probeKey: string): Promise<Fitness> {
  const args = [JSON.stringify(PROBES), publishCommand(form)];
  const [reply, clusterInfo, persists] = await Promise.all([
    redis.eval(CHECK_SCRIPT, 1, probeKey, ...args).catch(refusalOfEval),
    form === 'cluster' ? redis.cluster('INFO') : undefined,
    savesSnapshots(redis),
  ]);
  const [info, seconds, microseconds, refused] = Array.isArray(reply) ? (reply as unknown[]) : [];
  const rights = objectionToRights(Array.isArray(refused) ? refused.map(String) : [], probeKey);
  const cluster = clusterInfo === undefined || isWhole(clusterInfo) ? undefined : CLUSTER_BROKEN;
  const fields = parseInfo(String(info));
  const objection = cluster ?? rights ?? objectionTo(String(info), form);
  return {
    objection,
    elsewhere: cluster !== undefined || isReplica(fields),
    nowMs: Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000),
    isVolatile: fields.get('aof_enabled') === '0' && persists === false,
  };
}

const CLUSTER_BROKEN = 'its cluster is not whole (cluster_state is not ok)';

/** Why a server that says this of itself (the reply to INFO) must not hold the registry; undefined if it may. */
export function objectionTo(info: string, form: RedisForm = 'single'): string | undefined {
  const fields = parseInfo(info);
  if (fields.get('loading') === '1') return 'it is still loading its data';
  if (isReplica(fields)) return 'it is a read-only replica; the URL must name the primary';

  const version = fields.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const oldest = form === 'cluster' ? OLDEST_CLUSTER : OLDEST;
  if (major < oldest.version[0] || (major === oldest.version[0] && minor < oldest.version[1])) {
    return `its version is ${version}; Culvert needs ${oldest.version.join('.')} or newer${oldest.why}`;
  }
  if (form === 'single' && fields.get('cluster_enabled') === '1') {
    return 'it belongs to a cluster; the URL must start with redis+cluster:// or rediss+cluster://';
  }

  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  if (Number(fields.get('maxmemory') ?? 0) > 0 && policy !== 'noeviction') {
    // An evicted lease looks like a dead worker, an evicted tenant like a deleted one.
    return `it may evict data (maxmemory-policy ${policy}); Culvert needs noeviction`;
  }
  return undefined;
}

/** A refusal of EVAL itself, in the form of the script's reply. */
function refusalOfEval(error: unknown): unknown[] {
  if (error instanceof Error && error.message.startsWith('NOPERM')) return ['', '', '', [`EVAL: ${error.message}`]];
  throw error;
}

/** `refused` has `COMMAND: what the server said` of each. */
function objectionToRights(refused: readonly string[], probeKey: string): string | undefined {
  const [first] = refused;
  if (first === undefined) return undefined;
  const prefix = probeKey.slice(0, probeKey.indexOf('}') + 1);
  if (/channel/.test(first)) return `its user may not publish there; give it the channels &${prefix}:*`;
  if (/keys/.test(first)) return `its user may not use the keys; give it ~${prefix}:*`;
  const commands = refused.map((text) => text.slice(0, text.indexOf(':')));
  return `its user may not run ${commands.join(', ')}`;
}

/** Does it write snapshots (`save`)? undefined: it does not tell. */
async function savesSnapshots(redis: Redis): Promise<boolean | undefined> {
  try {
    const reply: unknown = await redis.config('GET', 'save');
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] !== '' : undefined;
  } catch {
    return undefined; // forbidden or renamed: this is advice only
  }
}

function isReplica(info: ReadonlyMap<string, string>): boolean {
  return info.get('role') === 'slave';
}

function parseInfo(info: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
