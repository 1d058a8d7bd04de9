import { CulvertError, toCulvertError, withDeadline } from '@culvert/base';
import type { ProbeCheck } from '@culvert/contracts';
import type { SliSeries } from '@culvert/telemetry';
import { type Authorities, type Check, CONNECT, HTTP, LARGE, WEB_SOCKET } from '../verify/checks.ts';
import type { Way } from '../verify/proxy-client.ts';
import type { ProbeMetrics } from './probe-metrics.ts';
import type { Failure, WayResult } from './settle.ts';

type WayCheck = Exclude<ProbeCheck, 'session'>;

const CHECKS: readonly (readonly [WayCheck, Check<Authorities>])[] = [
  ['http', HTTP],
  ['connect', CONNECT],
  ['websocket', WEB_SOCKET],
];
const BODY = ['body', LARGE] as const;

export interface WayCheckOptions {
  readonly metrics: ProbeMetrics;
  /** Of one check, ms; a large body has its own. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What came of the connections that a way was tried with. */
export interface Tally {
  /** How long each took to open, ms. */
  readonly setupsMs: number[];
  failed: number;
  lost: number;
}

export interface CheckedWay extends Pick<WayResult, 'ms' | 'failure'> {
  readonly tally: Tally;
}

/**
 * Each kind of use, one after the other, until one fails: a way that is closed costs one deadline, not four. Rejects only when
 * the signal is aborted, which is no finding.
 */
export async function checkWay(
  session: Authorities,
  way: Way,
  withBody: boolean,
  options: WayCheckOptions,
): Promise<CheckedWay> {
  const ms: { [K in WayCheck]?: number } = {};
  const tally: Tally = { setupsMs: [], failed: 0, lost: 0 };
  const use = { session, way: { ...way, onOpened: (setupMs: number) => void tally.setupsMs.push(setupMs) } };
  for (const [name, check] of withBody ? [...CHECKS, BODY] : CHECKS) {
    const before = tally.setupsMs.length;
    const result = await runCheck(name, check, use, options);
    if (typeof result === 'number') ms[name] = Math.round(result);
    else {
      // The target is ours, and so is what lies between: whatever fails is our fault.
      if (tally.setupsMs.length === before) tally.failed += 1;
      else tally.lost += 1;
      return { ms, failure: result, tally };
    }
  }
  return { ms, failure: undefined, tally };
}

export function countTally(counts: SliSeries, { setupsMs, failed, lost }: Tally): void {
  for (const ms of setupsMs) counts.opened(ms);
  counts.add('closed', setupsMs.length);
  counts.add('failed', failed);
  counts.add('lost', lost);
}

interface Use {
  readonly session: Authorities;
  readonly way: Way;
}

/** Its time in ms, or how it failed. */
async function runCheck(
  name: WayCheck,
  check: Check<Authorities>,
  { session, way }: Use,
  { metrics, deadlineMs, signal }: WayCheckOptions,
): Promise<number | Failure> {
  signal.throwIfAborted();
  const ms = name === 'body' ? check.deadlineMs : Math.min(check.deadlineMs, deadlineMs);
  const startedMs = performance.now();
  try {
    await withDeadline(ms, check.words, (late) => check.run(session, way, AbortSignal.any([signal, late])));
    const tookMs = performance.now() - startedMs;
    metrics.checked(name, tookMs);
    return tookMs;
  } catch (thrown) {
    signal.throwIfAborted();
    metrics.checked(name, undefined);
    return failureOf(name, check, thrown);
  }
}

function failureOf(name: WayCheck, { words }: Check<Authorities>, thrown: unknown): Failure {
  const { code, message } = thrown instanceof CulvertError ? thrown : toCulvertError(thrown, 'target_reset');
  return { check: name, code, message: `${words}: ${message}` };
}
