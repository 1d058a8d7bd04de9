// Smoke: does every way through work at all? Minimal load, and thresholds that are about being right, not about being fast.
import type { LoadOptions, Vu } from './lib/index.ts';
import { EVERYTHING_RIGHT } from './workloads/thresholds.ts';
import { browse, converse } from './workloads/visits.ts';

export const options: LoadOptions = {
  agents: 3,
  scenarios: {
    browsers: { executor: 'constant-vus', vus: 3, duration: '4s', exec: 'browsers', gracefulStop: '10s' },
    tunnels: { executor: 'per-vu-iterations', vus: 3, iterations: 2, maxDuration: '20s', exec: 'tunnels' },
    steady: {
      ...{ executor: 'constant-arrival-rate', rate: 5, duration: '4s', preAllocatedVUs: 5, maxVUs: 30 },
      ...{ exec: 'requests', gracefulStop: '10s' },
    },
  },
  thresholds: {
    ...EVERYTHING_RIGHT,
    session_reconnects: ['count==0'],
    http_req_failed: ['rate==0'],
    dropped_iterations: ['count==0'],
    'http_reqs{kind:http}': ['count>=20'],
    'http_reqs{kind:connect}': ['count>=6'],
    'http_reqs{kind:websocket}': ['count>=6'],
  },
};

export function browsers(vu: Vu): Promise<void> {
  return browse(vu);
}

export function tunnels(vu: Vu): Promise<void> {
  return converse(vu, { for: '1s', every: '50ms' });
}

export async function requests(vu: Vu): Promise<void> {
  const response = await vu.http.get('/hello', { keepAlive: false });
  vu.check(response, { 'hello is answered': ({ status, body }) => status === 200 && body === 'hello\n' });
}
