import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { residentBytes } from './children.ts';
import type { BenchCluster } from './cluster.ts';

/** What the worker's memory was before the first session is not theirs; what it is after a quiet while is. */
const SETTLE_MS = 15_000;
const OPEN_DEADLINE_MS = 300_000;
const LIMIT_KB = 40;

/** Resident memory of the worker per session that is open and does nothing. */
export async function measureIdleSessions(bench: BenchCluster, count: number): Promise<string> {
  const [worker] = bench.cluster.workers;
  if (worker?.pid === undefined) throw new Error('there is no worker');
  const before = residentBytes(worker.pid);
  process.stderr.write(`bench: opening ${count} sessions\n`);
  const started = performance.now();
  const agents = startAgents(bench, count);
  try {
    await once(agents, 'message', { signal: AbortSignal.timeout(OPEN_DEADLINE_MS) });
    const seconds = (performance.now() - started) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const perSession = (residentBytes(worker.pid) - before) / count / 1_024;
    return [
      '## Idle sessions on one worker',
      '',
      '| | figure | to reach |',
      '|---|---|---|',
      `| resident memory per session, ${count} sessions, KB | ${perSession.toFixed(1)} | ≤ ${LIMIT_KB}: ${perSession <= LIMIT_KB ? 'reached' : 'missed'} |`,
      `| sessions opened per second (API, claim, link), 1/s | ${(count / seconds).toFixed(0)} | |`,
      '',
    ].join('\n');
  } finally {
    const gone = once(agents, 'exit');
    agents.kill('SIGKILL');
    await gone;
  }
}

function startAgents(bench: BenchCluster, count: number): ChildProcess {
  const script = join(import.meta.dirname, 'idle-agents.ts');
  const env = { ...process.env, CULVERT_KEY: bench.agentKey };
  const stdio: ['ignore', 'inherit', 'inherit', 'ipc'] = ['ignore', 'inherit', 'inherit', 'ipc'];
  return fork(script, [bench.cluster.api.url, String(count)], { env, stdio });
}
