import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RANDOM_SESSION } from './registry-data.ts';

const run = promisify(execFile);
const PROGRAMS = ['redis-benchmark', 'valkey-benchmark'];
const DEADLINE_MS = 120_000;

export interface BaselineOptions {
  readonly port: number;
  readonly requests: number;
  /** Sessions that there are: keys are drawn from them. */
  readonly sessions: number;
  readonly connections: number;
  /** Commands under way on each connection. */
  readonly pipeline: number;
}

/** Commands per second of redis-benchmark, each with a random session's key. `command`: the words before the key. */
export async function redisBenchmark(command: readonly string[], options: BaselineOptions): Promise<number> {
  const { port, requests, sessions, connections, pipeline } = options;
  const key = `{culvert}:s:${RANDOM_SESSION}`;
  const args = [
    ...['-h', '127.0.0.1', '-p', port, '-n', requests, '-r', sessions, '-c', connections, '-P', pipeline, '--csv'],
    ...[...command, key],
  ].map(String);
  for (const program of PROGRAMS) {
    try {
      return readRate((await run(program, args, { timeout: DEADLINE_MS })).stdout);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new Error(`none of ${PROGRAMS.join(', ')} is installed: Debian has it in the package redis-tools`);
}

/** The rate in the last line of the CSV: `"name","rate",…`. */
export function readRate(csv: string): number {
  const line = csv.trim().split('\n').at(-1) ?? '';
  const rate = Number(/","([\d.]+)"/.exec(line)?.[1]);
  if (!(rate > 0)) throw new Error(`redis-benchmark tells no rate: ${line}`);
  return rate;
}
