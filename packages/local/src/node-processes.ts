import { join } from 'node:path';
import { formatDuration, type RoleName } from '@culvert/service';
import type { ResolvedOptions, RoleOverrides } from './cluster-options.ts';
import { childEnvironment } from './environment.ts';
import type { ProcessSpec, Readiness } from './managed-process.ts';

export interface NodeContext {
  readonly options: ResolvedOptions;
  readonly logs: string;
  readonly secret: string;
  readonly redis: { readonly url: string; readonly prefix: string };
  /** Socket where deploy workers have nodes started and ended; null: there is none. */
  readonly supervisor: string | null;
}

/** What one node is started with, beside what all of its role are. */
export interface NodePlan {
  readonly role: RoleName;
  readonly id: string;
  /** The script of the `culvert` command of its checkout. */
  readonly entry: string;
  /** null: what the checkout says of itself. */
  readonly version: string | null;
  /** Handed on to the node that takes its place. */
  readonly overrides: RoleOverrides;
  /** Its own alone. */
  readonly flags: readonly string[];
}

/** The flag that fixes each address a role publishes, so that a restarted node is where it was. */
const LISTEN_FLAGS: Readonly<Record<RoleName, Readonly<Record<string, string>>>> = {
  api: { api: '--listen', admin: '--admin-listen' },
  gateway: { proxy: '--proxy-listen', link: '--link-listen', admin: '--admin-listen' },
  worker: { proxy: '--proxy-listen', link: '--link-listen', admin: '--admin-listen' },
  deployer: { admin: '--admin-listen' },
};
/** Addresses that clients were told of for good: a new node listens there while the old one still does. */
const TAKEN_OVER: Readonly<Record<RoleName, readonly string[]>> = {
  api: ['api'],
  gateway: ['proxy', 'link'],
  worker: [],
  deployer: [],
};
/** Elsewhere a second listener on one port is refused, or gets nothing. */
const SHARED_PORTS = process.platform === 'linux';

/** How a process of a role is started: as a person would start it, with the secrets in its environment. */
export function nodeSpec(plan: NodePlan, context: NodeContext): ProcessSpec {
  const { role, id, entry, version, overrides } = plan;
  const { options, logs, secret, redis } = context;
  const { dataDir, startDeadlineMs, stopDeadlineMs } = options;
  const ofRole = options.overrides[role];
  const snapshots = role === 'api' ? ['--snapshot-dir', join(dataDir, 'snapshots', id)] : [];
  // Its own deadline comes first, so that it ends with words in its log and not by SIGKILL.
  const stopDeadline = formatDuration(Math.max(1_000, Math.round(stopDeadlineMs * 0.8)));
  const usual = [entry, role, '--id', id, '--stop-deadline', stopDeadline, ...snapshots];
  return {
    role,
    id,
    args: [...usual, ...(ofRole?.flags ?? []), ...(overrides.flags ?? []), ...plan.flags],
    env: childEnvironment({
      CULVERT_SECRET: secret,
      CULVERT_REDIS_URL: redis.url,
      CULVERT_REDIS_PREFIX: redis.prefix,
      ...variablesOf(role, id, context),
      ...ofRole?.env,
      ...overrides.env,
      ...(version === null ? {} : { CULVERT_VERSION: version }),
    }),
    logFile: join(logs, `${id}.log`),
    readyDeadlineMs: startDeadlineMs,
    stopDeadlineMs,
    argsAfter: (first) => listenFlags(role, Object.keys(LISTEN_FLAGS[role]), first),
  };
}

/** The flags with which a node listens where its predecessor does, as far as clients rely on it. */
export function takeoverFlags(role: RoleName, predecessor: Readiness | undefined): string[] {
  return SHARED_PORTS && predecessor ? listenFlags(role, TAKEN_OVER[role], predecessor) : [];
}

/** As variables: an older version, which does not know them, starts all the same. */
function variablesOf(role: RoleName, id: string, context: NodeContext): Record<string, string> {
  const { options, supervisor } = context;
  const chaos = options.chaos ? { CULVERT_CHAOS_ALLOWED: 'true' } : {};
  const toldOf = supervisor === null ? {} : { CULVERT_SUPERVISOR: supervisor };
  if (role === 'deployer') {
    const probeEvery = formatDuration(options.probeEveryMs);
    const own = { CULVERT_STATE_DIR: join(options.dataDir, 'deployer', id), CULVERT_PROBE_EVERY: probeEvery };
    return { ...own, ...toldOf, ...chaos };
  }
  const shared: Record<string, string> =
    SHARED_PORTS && TAKEN_OVER[role].length > 0 ? { CULVERT_REUSE_PORT: 'true' } : {};
  // An API restarts Redis in a rehearsal, and asks the supervisor for nothing else.
  return { ...shared, ...chaos, ...(role === 'api' && options.chaos ? toldOf : {}) };
}

function listenFlags(role: RoleName, names: readonly string[], { addresses = {} }: Readiness): string[] {
  return names.flatMap((name) => {
    const address = addresses[name];
    const flag = LISTEN_FLAGS[role][name];
    return address === undefined || flag === undefined ? [] : [flag, new URL(address).host];
  });
}
