import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Made by a deployment: `worker-1.k3f9.log`. Those of the nodes that a cluster begins with are few, and used again. */
const OF_A_REPLACEMENT = /^(.+\.[a-z0-9]{4})\.log$/;

/** Removes the logs of replaced nodes but the `keep` newest; those of `live` ids stay whatever their age. */
export async function pruneLogs(folder: string, live: ReadonlySet<string>, keep: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !live.has(OF_A_REPLACEMENT.exec(name)?.[1] ?? name));
  const old = names.filter((name) => OF_A_REPLACEMENT.test(name));
  if (old.length <= keep) return;
  const dated = await Promise.all(
    old.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(ignoreAbsent))?.mtimeMs ?? 0 })),
  );
  const surplus = dated.toSorted((one, other) => other.at - one.at).slice(keep);
  const files = surplus.flatMap(({ name }) => [name, `${name}.1`]);
  await Promise.all(files.map((name) => rm(join(folder, name), { force: true })));
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
