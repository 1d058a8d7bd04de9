import { type Clock, systemClock } from '@culvert/base';
import type { ApiClient } from '@culvert/local';
import { parseDuration } from './duration.ts';
import { watchEvents } from './observe/events.ts';
import { NodeWatch } from './observe/nodes.ts';
import { type LoadOptions, type Scale, UNSCALED } from './options.ts';
import type { LoadResult } from './result.ts';
import { Run } from './run.ts';
import { checkScript } from './run-settings.ts';
import { longest, resolveScenarios } from './scenarios.ts';
import type { LoadScript } from './script.ts';
import { type LoadCluster, type LoadSite, openSite } from './site.ts';

const AGENTS = 3;

export interface RunOptions {
  /** For reports. */
  readonly name?: string;
  /** Instead of the script's own. */
  readonly options?: LoadOptions;
  readonly scale?: Partial<Scale>;
  readonly seed?: number;
  /** Ends the run early; the result tells what there was up to then. */
  readonly signal?: AbortSignal;
  /** Once the agents are there, and then each second. */
  readonly onProgress?: (progress: Progress) => void;
  readonly clock?: Clock;
}

export interface Progress {
  readonly elapsedMs: number;
  /** Of the plan, without the time for what is under way at its end. */
  readonly totalMs: number;
  readonly run: Run;
}

/** The system clock, with timers that keep the process alive: a run that waits for its next iteration is not done. */
const wakefulClock: Clock = {
  ...systemClock,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Runs a load test against a cluster, whose API is called with an admin key. Resolves with what was counted, also when
 * thresholds do not hold (`exitCode` 99). Rejects with `config_invalid` when the script is wrong, before anything is started, and with
 * `start_failed` when the agents do not come up.
 */
export async function runLoad(script: LoadScript, cluster: LoadCluster, options: RunOptions = {}): Promise<LoadResult> {
  const given = { ...script.options, ...options.options };
  checkScript(script, given, resolveScenarios(given, { ...UNSCALED, ...options.scale })); // before anything is started
  let run: Run | undefined;
  const site = await openSite(cluster, {
    agents: given.agents ?? AGENTS,
    processes: given.agentProcesses ?? 1,
    onSeen: ({ reconnects, resumed, gapsMs }) => {
      if (reconnects > 0) run?.add('session_reconnects', reconnects, {});
      if (resumed > 0) run?.add('connections_resumed', resumed, {});
      for (const gapMs of gapsMs) run?.add('resume_gap', gapMs, {});
    },
  });
  try {
    return await runOn(script, site, options, (made) => {
      run = made;
    });
  } finally {
    await site.close();
  }
}

/** The same with a site that is there, and stays. */
export async function runOn(
  script: LoadScript,
  site: LoadSite,
  options: RunOptions = {},
  onMade: (run: Run) => void = () => undefined,
): Promise<LoadResult> {
  const given = { ...script.options, ...options.options };
  const scenarios = resolveScenarios(given, { ...UNSCALED, ...options.scale });
  const totalMs = longest(scenarios, false);
  const observers = new AsyncDisposableStack();
  const run = new Run({
    ...{ name: options.name ?? 'load', script, options: given, scenarios, site },
    ...{ clock: options.clock ?? wakefulClock, seed: options.seed ?? 1 },
    onTick: (ticked) => options.onProgress?.({ elapsedMs: ticked.elapsedMs, totalMs, run: ticked }),
    onEnd: () => observers.disposeAsync(),
  });
  onMade(run);
  const onAbort = (): void => run.interrupt();
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (site.api) observe(site.api, run, given, observers);
    return await run.complete();
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    await observers.disposeAsync();
  }
}

/** What is seen from outside while the run is under way. */
function observe(api: ApiClient, run: Run, { watchNodes }: LoadOptions, observers: AsyncDisposableStack): void {
  observers.use(watchEvents(api, (text, agoMs) => run.mark(text, agoMs)));
  if (watchNodes === undefined) return;
  const everyMs = parseDuration(watchNodes, 'watchNodes');
  observers.use(new NodeWatch(api, everyMs, (metric, value, tags) => run.add(metric, value, tags)));
}
