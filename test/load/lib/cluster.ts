import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CulvertError } from '@culvert/base';
import { ApiClient, readLocalJson, startCluster } from '@culvert/local';
import type { Flags } from './flags.ts';
import type { LoadCluster } from './site.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The cluster that the flags name, or a fresh one, which ends when it is disposed of. */
export async function clusterFor(
  flags: Pick<Flags, 'dataDir' | 'api' | 'key' | 'workers' | 'gateways'>,
  signal: AbortSignal,
): Promise<LoadCluster & AsyncDisposable> {
  const { dataDir, api, key } = flags;
  const stays = async (): Promise<void> => undefined;
  if (dataDir !== undefined) {
    const local = readLocalJson(dataDir);
    if (!local) throw new CulvertError('config_invalid', `no cluster runs in ${dataDir}`);
    return { api: new ApiClient(local.api, local.adminKey), [Symbol.asyncDispose]: stays };
  }
  if (api !== undefined) {
    if (key === undefined) throw new CulvertError('config_invalid', `no key for ${api}: set CULVERT_KEY`);
    return { api: new ApiClient(api, key), [Symbol.asyncDispose]: stays };
  }
  return freshCluster(flags, signal);
}

async function freshCluster(
  { workers, gateways }: Pick<Flags, 'workers' | 'gateways'>,
  signal: AbortSignal,
): Promise<LoadCluster & AsyncDisposable> {
  const dataDir = mkdtempSync(join(tmpdir(), 'culvert-load-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  try {
    const cluster = await startCluster({
      ...{ entry: join(ROOT, 'packages/cli/src/main.ts'), dataDir, cacheDir: join(ROOT, '.culvert') },
      ...{ workers, gateways, durable: false, signal },
    });
    return {
      api: cluster.api,
      async [Symbol.asyncDispose]() {
        await cluster.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
