import { readFileSync } from 'node:fs';

/**
 * What `version` says in logs, node records and metrics: `CULVERT_VERSION` if set (a deployment names its builds),
 * else the version of this package.
 */
export function softwareVersion(env: NodeJS.ProcessEnv): string {
  if (env.CULVERT_VERSION) return env.CULVERT_VERSION;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return 'unknown';
  return String(manifest.version);
}
