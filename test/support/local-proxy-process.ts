import { join } from 'node:path';
import { type Cluster, ManagedProcess } from '@culvert/local';
import { CULVERT_ENTRY } from './with-cluster.ts';

/** `culvert proxy` for a session; the caller starts and stops it. Its readiness has `proxy`, its URL. */
export function localProxyFor(
  cluster: Cluster,
  key: string,
  session: string,
  env: Readonly<Record<string, string>> = {},
): ManagedProcess {
  return new ManagedProcess(
    {
      role: 'proxy',
      id: 'local-proxy',
      args: [CULVERT_ENTRY, 'proxy', '--json', '--session', session],
      env: { ...process.env, CULVERT_API: cluster.api.url, CULVERT_KEY: key, ...env },
      logFile: join(cluster.dataDir, 'logs', 'local-proxy.log'),
      readyEvent: 'proxy.ready',
      readyDeadlineMs: 30_000,
      stopDeadlineMs: 10_000,
    },
    () => undefined,
  );
}
