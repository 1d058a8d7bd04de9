import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';

/** `local.json`: what other programs need to know of a running cluster. A contract: extended, never changed. */
export interface LocalCluster {
  readonly api: string;
  readonly dashboard: string;
  readonly adminKey: string;
  readonly redis: string;
  readonly redisPrefix: string;
  readonly dataDir: string;
  readonly apis: readonly LocalNode[];
  readonly gateways: readonly (LocalNode & { readonly proxy: string })[];
  readonly workers: readonly (LocalNode & { readonly version: string; readonly proxy: string })[];
  readonly processes: readonly { readonly role: string; readonly id: string; readonly pid: number }[];
  readonly demo?: LocalDemo;
}

export interface LocalNode {
  readonly id: string;
  readonly admin: string;
  readonly pid: number;
}

export interface LocalDemo {
  readonly tenant: string;
  /** An agent key of that tenant. */
  readonly key: string;
  readonly session: string;
  /** A URL that only the agent can resolve. */
  readonly target: string;
  /** The gateway's proxy URL, with the session's credentials. */
  readonly proxy: string;
}

export const DEFAULT_DATA_DIR = '.culvert';

/** Readers see the old file or the new one, never half of one; only its owner can read the keys in it. */
export function writeLocalJson(dataDir: string, cluster: LocalCluster): void {
  const path = localJsonPath(dataDir);
  writeFileSync(`${path}.new`, `${JSON.stringify(cluster, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeLocalJson(dataDir: string): void {
  rmSync(localJsonPath(dataDir), { force: true });
}

/** The running cluster of that folder, if there is one. */
export function readLocalJson(dataDir: string): LocalCluster | undefined {
  try {
    // Written by writeLocalJson of this version or a later one that only added to it.
    return JSON.parse(readFileSync(localJsonPath(dataDir), 'utf8')) as LocalCluster;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

/** The cluster whose `.culvert/` lies in `from` or the nearest folder above it. */
export function findLocalJson(from: string): { dataDir: string; cluster: LocalCluster } | undefined {
  const { root } = parse(resolve(from));
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const dataDir = join(folder, DEFAULT_DATA_DIR);
    const cluster = readLocalJson(dataDir);
    if (cluster) return { dataDir, cluster };
    if (folder === root) return undefined;
  }
}

function localJsonPath(dataDir: string): string {
  return join(dataDir, 'local.json');
}
