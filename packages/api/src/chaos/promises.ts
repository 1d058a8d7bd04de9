import type { ChaosCheck, ChaosFault, ChaosStep } from '@culvert/contracts';
import { percentile, type StoredRun } from './stored-run.ts';

/** What is promised of a fault; docs/CHAOS.md has the same table. */
interface Promised {
  /** A connection that loses its path has another by then, ms; 99 of 100. */
  readonly gapP99Ms: number;
  /** All is well again so long after the fault has begun, ms. */
  readonly rtoMs: number;
  /** Its browsers' sockets end with it. */
  readonly mayLose: boolean;
}

/** A worker that ends is noticed at once, by its sockets. */
const ENDED_GAP_MS = 1_500;
/** One that falls silent, after the liveness deadline of links (12 s), and some seconds to find the way. */
const SILENT_GAP_MS = 17_000;
/** The lease of a node (6 s), the directory told again (15 s). */
const WHOLE_MS = 15_000;

export function promisedOf({ fault, nodes }: Pick<ChaosStep, 'fault' | 'nodes'>): Promised {
  const mayLose = fault.type === 'kill' && nodes.some(({ role }) => role === 'gateway');
  switch (fault.type) {
    case 'kill':
      return { gapP99Ms: ENDED_GAP_MS, rtoMs: WHOLE_MS, mayLose };
    case 'freeze':
    case 'cut':
      return { gapP99Ms: SILENT_GAP_MS, rtoMs: fault.durationMs + WHOLE_MS, mayLose };
    case 'slow':
      return { gapP99Ms: SILENT_GAP_MS, rtoMs: fault.durationMs + WHOLE_MS, mayLose };
    case 'restart_redis':
      return { gapP99Ms: ENDED_GAP_MS, rtoMs: (fault.downMs ?? 0) + WHOLE_MS, mayLose };
  }
}

/** What was promised, or asked for, against what was measured. */
export function checksOf({ run, body, gaps }: StoredRun): ChaosCheck[] {
  const { figures, steps } = run;
  const done = steps.filter(({ state }) => state !== 'waiting' && state !== 'not_begun');
  const promised = done.map(promisedOf);
  const { limits = {} } = body;
  const gapLimit = limits.gapP99Ms ?? Math.max(0, ...promised.map(({ gapP99Ms }) => gapP99Ms));
  const gapP99 = percentile(gaps, 0.99);
  const checks: ChaosCheck[] = done.map((step, at) => {
    const limit = limits.rtoMs ?? promised[at]?.rtoMs ?? WHOLE_MS;
    const passed = step.rtoMs !== null && step.rtoMs <= limit;
    const measured = step.rtoMs === null ? 'not well again' : `${step.rtoMs} ms`;
    return { name: `recovery after ${nameOf(step.fault)}`, promised: `≤ ${limit} ms`, measured, passed };
  });
  const mayLose = limits.lost === undefined && promised.some((one) => one.mayLose);
  const lostLimit = limits.lost ?? 0;
  checks.push(
    {
      name: 'connections lost',
      promised: mayLose ? 'those of the gateway' : `${lostLimit}`,
      measured: `${figures.lost}`,
      passed: mayLose || figures.lost <= lostLimit,
    },
    {
      name: 'gap p99 of those that went on',
      promised: `≤ ${gapLimit} ms`,
      measured: gapP99 === undefined ? 'none lost its path' : `${gapP99} ms`,
      passed: gapP99 === undefined || gapP99 <= gapLimit,
    },
    zero('sessions lost', figures.sessions.lost),
    zero('settings lost', figures.settingsLost),
  );
  const mayForget = done.some(({ fault }) => fault.type === 'restart_redis' && fault.empty === true);
  if (!mayForget) checks.push(zero('history lost', figures.historyLost));
  return checks;
}

export function nameOf(fault: ChaosFault): string {
  switch (fault.type) {
    case 'cut':
      return `cut from ${fault.from}`;
    case 'slow':
      return `slow ${fault.what}`;
    case 'restart_redis':
      return fault.empty ? 'restart of Redis, empty' : 'restart of Redis';
    default:
      return fault.type;
  }
}

/** As the report of objectives calls it: `worker_killed`. */
export function failureName({ fault, nodes }: ChaosStep): string {
  const role = nodes[0]?.role ?? 'node';
  switch (fault.type) {
    case 'kill':
      return `${role}_killed`;
    case 'freeze':
      return `${role}_frozen`;
    case 'cut':
      return `${role}_cut_from_${fault.from}`;
    case 'slow':
      return `${role}_slow_${fault.what}`;
    case 'restart_redis':
      return fault.empty ? 'redis_restarted_empty' : 'redis_restarted';
  }
}

function zero(name: string, measured: number): ChaosCheck {
  return { name, promised: '0', measured: `${measured}`, passed: measured === 0 };
}
