import { CulvertError, sleep, toCulvertError } from '@culvert/base';
import type { ChaosRun } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { PASSING } from '../passing.ts';

const POLL_MS = 300;
/** A rehearsal may end the API, or take its Redis away: it is asked again for so long. */
const AWAY_MS = 60_000;

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onLook: (run: ChaosRun) => void;
}

/** Looks on until the run has ended. Rejects when the signal is aborted, or the API stays away for a minute. */
export async function followRun(api: ApiClient, begun: ChaosRun, { signal, onLook }: FollowOptions): Promise<ChaosRun> {
  let run = begun;
  let heardAt = performance.now();
  while (run.state === 'running') {
    onLook(run);
    await sleep(POLL_MS, signal);
    if (signal.aborted) throw new CulvertError('cancelled', `${run.id} goes on; culvert chaos stop ends it`);
    try {
      run = await api.call<ChaosRun>('GET', `/chaos/${encodeURIComponent(run.id)}`, { signal });
      heardAt = performance.now();
    } catch (error) {
      const { code } = toCulvertError(error);
      // Redis may have come back empty a moment ago: whoever carries the run out puts it back.
      const passing = PASSING.has(code) || code === 'node_unreachable' || code === 'not_found';
      if (!passing || performance.now() - heardAt > AWAY_MS) throw error;
    }
  }
  return run;
}
