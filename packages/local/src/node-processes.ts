import { join } from 'node:path';
import { formatDuration, type RoleName } from '@culvert/service';
import type { ResolvedOptions } from './cluster-options.ts';
import { childEnvironment } from './environment.ts';
import type { ProcessSpec, Readiness } from './managed-process.ts';

export interface NodeContext {
  readonly options: ResolvedOptions;
  readonly logs: string;
  readonly secret: string;
  readonly redis: { readonly url: string; readonly prefix: string };
}

/** The flag that fixes each address a role publishes, so that a restarted node is where it was. */
const LISTEN_FLAGS: Readonly<Record<RoleName, Readonly<Record<string, string>>>> = {
  api: { api: '--listen', admin: '--admin-listen' },
  gateway: { proxy: '--proxy-listen', link: '--link-listen', admin: '--admin-listen' },
  worker: { proxy: '--proxy-listen', link: '--link-listen', admin: '--admin-listen' },
  deployer: { admin: '--admin-listen' },
};

/** How a process of a role is started: as a person would start it, with the secrets in its environment. */
export function nodeSpec(role: RoleName, id: string, context: NodeContext): ProcessSpec {
  const { options, logs, secret, redis } = context;
  const { entry, dataDir, overrides, startDeadlineMs, stopDeadlineMs } = options;
  const extra = overrides[role];
  const snapshots = role === 'api' ? ['--snapshot-dir', join(dataDir, 'snapshots', id)] : [];
  // Its own deadline comes first, so that it ends with words in its log and not by SIGKILL.
  const stopDeadline = formatDuration(Math.max(1_000, Math.round(stopDeadlineMs * 0.8)));
  return {
    role,
    id,
    args: [entry, role, '--id', id, '--stop-deadline', stopDeadline, ...snapshots, ...(extra?.flags ?? [])],
    env: childEnvironment({
      CULVERT_SECRET: secret,
      CULVERT_REDIS_URL: redis.url,
      CULVERT_REDIS_PREFIX: redis.prefix,
      ...extra?.env,
    }),
    logFile: join(logs, `${id}.log`),
    readyDeadlineMs: startDeadlineMs,
    stopDeadlineMs,
    argsAfter: (first) => samePorts(role, first),
  };
}

function samePorts(role: RoleName, { addresses = {} }: Readiness): string[] {
  return Object.entries(LISTEN_FLAGS[role]).flatMap(([name, flag]) => {
    const address = addresses[name];
    return address === undefined ? [] : [flag, new URL(address).host];
  });
}
