import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Job } from './protocol.ts';

export interface Child {
  readonly pid: number;
  readonly port: number;
  readonly process: ChildProcess;
}

/** Starts a script of this folder and waits until it says where it listens. */
export async function start(script: string, ...args: string[]): Promise<Child> {
  const child = fork(join(import.meta.dirname, script), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [ready] = (await once(child, 'message', { signal: AbortSignal.timeout(15_000) })) as [{ port: number }];
  if (child.pid === undefined) throw new Error(`${script} has no pid`);
  return { pid: child.pid, port: ready.port, process: child };
}

export async function stop(child: Child): Promise<void> {
  if (child.process.exitCode !== null) return;
  const gone = once(child.process, 'exit');
  child.process.disconnect();
  await gone;
}

/** Has the load generator do one job. */
export async function ask(load: Child, job: Job): Promise<Answer> {
  load.process.send(job);
  const [reply] = (await once(load.process, 'message', { signal: AbortSignal.timeout(180_000) })) as [
    { result?: Answer; error?: string },
  ];
  if (reply.result === undefined) throw new Error(`${job.kind}: ${reply.error}`);
  return reply.result;
}

const TICKS_PER_SECOND = 100;

/** User and system time of processes so far, s (proc_pid_stat(5), fields 14 and 15). */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of a process, bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) * 1_024;
}
