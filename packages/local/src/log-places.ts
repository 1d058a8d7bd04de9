import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import { CulvertError } from '@culvert/base';
import { DEFAULT_DATA_DIR } from './local-json.ts';
import { FileLog } from './log-reader.ts';

/** Not ours, and not JSON. */
const FOREIGN = new Set(['redis']);
const LOG_NAME = /^(.+)\.log(\.1)?$/;

/** The folder of a local cluster's logs: of this data folder, or of the nearest `.culvert/`. @throws CulvertError config_invalid */
export function logFolder(dataDir: string | undefined, from: string): string {
  const folder = dataDir === undefined ? nearestFolder(from) : join(resolve(from, dataDir), 'logs');
  if (folder !== undefined && existsSync(folder)) return folder;
  const where = dataDir === undefined ? `no ${DEFAULT_DATA_DIR}/logs here or in a folder above` : `no folder ${folder}`;
  throw new CulvertError('config_invalid', `There is ${where}.`, {
    fix: 'Name the data folder of a local cluster with --data-dir, or give logs with --file (- is standard input).',
  });
}

/**
 * One log for each process that has or had one, rotated files and those of the run before included, by name. `ends`: how far
 * a log is read at most, by name, bytes.
 */
export async function processLogs(folder: string, ends?: ReadonlyMap<string, number>): Promise<FileLog[]> {
  const names = new Set<string>();
  for (const file of await readdir(folder)) {
    const [, name] = LOG_NAME.exec(file) ?? [];
    if (name !== undefined && !FOREIGN.has(name)) names.add(name);
  }
  const filesOf = (name: string): string[] => [join(folder, `${name}.log.1`), join(folder, `${name}.log`)];
  // One that is not among the ends has come since.
  const endOf = (name: string): number | undefined => ends && (ends.get(name) ?? 0);
  return [...names].sort().map((name) => new FileLog(name, filesOf(name), endOf(name)));
}

function nearestFolder(from: string): string | undefined {
  const { root } = parse(resolve(from));
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const logs = join(folder, DEFAULT_DATA_DIR, 'logs');
    if (existsSync(logs)) return logs;
    if (folder === root) return undefined;
  }
}
