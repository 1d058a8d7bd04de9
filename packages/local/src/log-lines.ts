import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { CulvertError } from '@culvert/base';

/** A line of a process's log, as the log contract has it. */
export interface LogLine {
  readonly ts?: string;
  readonly level?: string;
  readonly msg?: string;
  readonly event?: string;
  readonly session_id?: string;
  readonly connection_id?: string;
  readonly [field: string]: unknown;
}

/** Every line; what is no JSON (the words of a crash) becomes a line with only `msg`. */
export async function readLog(path: string): Promise<LogLine[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // The last piece is '' or a line that is still being written.
  return text.split('\n').slice(0, -1).map(parseLine);
}

export function parseLine(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : { msg: line };
  } catch {
    return { msg: line };
  }
}

/** Resolves with the first line that satisfies `test`, whenever it is written; rejects after `deadlineMs`. */
export async function findLogLine(
  path: string,
  test: (line: LogLine) => boolean,
  deadlineMs: number,
): Promise<LogLine> {
  const watcher = watch(path);
  try {
    return await new Promise<LogLine>((resolve, reject) => {
      const look = (): void => {
        readLog(path).then((lines) => {
          const found = lines.find(test);
          if (found) resolve(found);
        }, reject);
      };
      watcher.on('change', look).on('error', reject);
      const late = new CulvertError('timeout', `no such line in ${path} within ${deadlineMs} ms`);
      const timer = setTimeout(() => reject(late), deadlineMs);
      watcher.once('close', () => clearTimeout(timer));
      look();
    });
  } finally {
    watcher.close();
  }
}
