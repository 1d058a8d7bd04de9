import { CulvertError } from '@culvert/base';
import type { ApiClient } from '@culvert/local';
import type { Command } from 'commander';

/** Which API a command talks to, and as whom. */
export interface TargetFlags {
  readonly api?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** The options that every command which talks to the API has. */
export function withTarget(command: Command): Command {
  return command
    .option('--api <url>', 'address of the routing API (CULVERT_API; default: the cluster in .culvert/)')
    .option('--key <key>', 'API key; prefer CULVERT_KEY, process lists show flags')
    .option('--json', 'print the answer as JSON');
}

export interface Target {
  readonly api: string;
  readonly key: string;
  /** Where the two came from, for error messages. */
  readonly source: string;
}

/**
 * Flags, then variables, then the cluster that runs in `.culvert/` of this folder or one above it. The local key is
 * sent to the local API only: an address from elsewhere needs its own key.
 */
export async function resolveTarget(flags: TargetFlags, env: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const api = flags.api ?? (env.CULVERT_API || undefined);
  const key = flags.key ?? (env.CULVERT_KEY || undefined);
  if (api !== undefined && key !== undefined) return { api, key, source: '--api / CULVERT_API' };
  const { findLocalJson } = await import('@culvert/local');
  const found = findLocalJson(process.cwd());
  if (found && (api === undefined || api === found.cluster.api)) {
    const source = `${found.dataDir}/local.json`;
    return { api: found.cluster.api, key: key ?? found.cluster.adminKey, source };
  }
  const missing = api === undefined ? 'no API address' : `no API key for ${api}`;
  throw new CulvertError('config_invalid', `${missing}, and no cluster runs in .culvert/ here or in a folder above`, {
    fix: 'Give --api and --key, or set CULVERT_API and CULVERT_KEY, or start a local cluster with `culvert up`.',
  });
}

export async function openApi(flags: TargetFlags): Promise<ApiClient> {
  const { api, key } = await resolveTarget(flags);
  const { ApiClient } = await import('@culvert/local');
  return new ApiClient(api, key);
}
