// Soak: hours of usual load, with a release in the middle. Does anything grow that should not, or get slower?
import type { LoadOptions, Vu } from './lib/index.ts';
import { releaseOnce } from './workloads/release.ts';
import { EVERYTHING_RIGHT } from './workloads/thresholds.ts';
import { browse, converse } from './workloads/visits.ts';

export const options: LoadOptions = {
  agents: 20,
  watchNodes: '5s',
  scenarios: {
    browsers: { executor: 'constant-vus', vus: 5, duration: '2h', exec: 'browsers' },
    tunnels: { executor: 'constant-vus', vus: 5, duration: '2h', exec: 'tunnels' },
    long: { executor: 'constant-vus', vus: 3, duration: '2h', exec: 'long', gracefulStop: '90s' },
    release: {
      ...{ executor: 'per-vu-iterations', vus: 1, iterations: 1, startTime: '1h', maxDuration: '1h', exec: 'release' },
      gracefulStop: '5m',
    },
  },
  thresholds: {
    ...EVERYTHING_RIGHT,
    http_req_failed: ['rate<0.0001'],
    http_req_duration: ['p(95)<500'],
    exchange_duration: ['p(99)<1000'],
    // MiB, and descriptors, per hour. A run of minutes sees a heap that is not yet as large as it will be.
    node_memory_growth: ['max<64'],
    node_descriptor_growth: ['max<20'],
    'node_loop_delay{role:worker}': ['p(95)<100'],
    'node_loop_delay{role:gateway}': ['p(95)<100'],
  },
};

export function browsers(vu: Vu): Promise<void> {
  return browse(vu, 2);
}

export function tunnels(vu: Vu): Promise<void> {
  return converse(vu, { for: '20s', every: '200ms' });
}

/** A connection that is there when the release begins, and when it is over. */
export async function long(vu: Vu): Promise<void> {
  const outcome = await vu.connect((tunnel) => tunnel.talk({ for: '60s', every: '250ms' }));
  vu.check(outcome, { 'the long tunnel held': ({ status, lost }) => status === 200 && lost === undefined });
}

export function release(vu: Vu): Promise<void> {
  return releaseOnce(vu);
}
