// Spike: twenty times as many at once, from nothing, and gone again. Whoever was there before must not lose his connection.
import type { LoadOptions, Vu } from './lib/index.ts';
import { EVERYTHING_RIGHT } from './workloads/thresholds.ts';

export const options: LoadOptions = {
  agents: 20,
  scenarios: {
    before: { executor: 'constant-vus', vus: 10, duration: '80s', exec: 'tunnels' },
    spike: {
      executor: 'ramping-arrival-rate',
      startRate: 5,
      stages: [
        { duration: '20s', target: 5 },
        { duration: '2s', target: 100 },
        { duration: '15s', target: 100 },
        { duration: '2s', target: 5 },
        { duration: '40s', target: 5 },
      ],
      ...{ preAllocatedVUs: 50, maxVUs: 1_000, exec: 'visit' },
    },
  },
  thresholds: {
    ...EVERYTHING_RIGHT,
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    'http_req_duration{scenario:spike}': ['p(95)<3000'],
    // Those who were there before may wait a moment.
    'exchange_duration{scenario:before}': ['p(99)<2000'],
    dropped_iterations: ['count==0'],
  },
};

export async function tunnels(vu: Vu): Promise<void> {
  const outcome = await vu.connect((tunnel) => tunnel.talk({ for: '15s', every: '100ms' }));
  vu.check(outcome, { 'the tunnel held': ({ status, lost }) => status === 200 && lost === undefined });
}

export async function visit(vu: Vu): Promise<void> {
  const outcome = await vu.connect((tunnel) => tunnel.talk({ for: '500ms', every: '100ms' }));
  vu.check(outcome, { 'the visit worked': ({ status, lost }) => status === 200 && lost === undefined });
}
