import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Manifest } from './manifests.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const CHECK_DEADLINE_MS = 60_000;

/** The two kinds of the Prometheus Operator that the chart may make (its API reference, v1), as far as it uses them. */
const OPERATOR = `
type Meta = { name: string; labels?: Record<string, string> };
interface PodMonitor { apiVersion: 'monitoring.coreos.com/v1'; kind: 'PodMonitor'; metadata: Meta; spec: {
  jobLabel?: string; selector: { matchLabels: Record<string, string> };
  podMetricsEndpoints: { port: string; path?: string; interval?: string }[] } }
interface Rule { record?: string; alert?: string; expr: string; for?: string;
  labels?: Record<string, string>; annotations?: Record<string, string> }
interface PrometheusRule { apiVersion: 'monitoring.coreos.com/v1'; kind: 'PrometheusRule'; metadata: Meta;
  spec: { groups: { name: string; interval?: string; rules: Rule[] }[] } }
`;

/**
 * What the compiler finds wrong with manifests, going by types that are made of the API's own OpenAPI document: a field
 * that is unknown, missing, or of another type or value; '' if nothing. (A validator of the schemas would let unknown
 * fields pass, as the API server does with a warning at most.)
 */
export async function typeErrors(manifests: readonly Manifest[]): Promise<string> {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'manifests-'));
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'manifests.ts'), sourceOf(manifests));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'esnext',
    ];
    return await compile([...options, '--pretty', 'false', join(folder, 'manifests.ts')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sourceOf(manifests: readonly Manifest[]): string {
  const types = new Map(manifests.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]));
  const imports = [...types.values()]
    .filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com/'))
    .map(({ apiVersion, kind }) => `import type { I${kind} as ${kind} } from 'kubernetes-models/${apiVersion}';`);
  const constants = manifests.map(
    (manifest, index) => `export const m${index}: ${manifest.kind} = ${JSON.stringify(manifest, null, 1)};`,
  );
  return [...imports, OPERATOR, ...constants].join('\n');
}

function compile(args: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const env = { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` };
    execFile(tsc, args, { timeout: CHECK_DEADLINE_MS, env, maxBuffer: 16 << 20 }, (error, stdout) => {
      if (error !== null && typeof error.code !== 'number') failed(error);
      else done(stdout);
    });
  });
}
