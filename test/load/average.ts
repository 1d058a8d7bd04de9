// Average: a usual day. How fast is it, and how often does it fail?
import type { LoadOptions, Vu } from './lib/index.ts';
import { EVERYTHING_RIGHT } from './workloads/thresholds.ts';
import { browse, converse } from './workloads/visits.ts';

export const options: LoadOptions = {
  agents: 20,
  scenarios: {
    browsers: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '20s', target: 10 },
        { duration: '2m', target: 10 },
        { duration: '10s', target: 0 },
      ],
      exec: 'browsers',
    },
    tunnels: { executor: 'constant-vus', vus: 5, duration: '2m30s', exec: 'tunnels' },
    requests: {
      executor: 'constant-arrival-rate',
      rate: 20,
      duration: '2m30s',
      preAllocatedVUs: 10,
      maxVUs: 100,
      exec: 'requests',
    },
  },
  thresholds: {
    ...EVERYTHING_RIGHT,
    session_reconnects: ['count==0'],
    http_req_failed: ['rate<0.001'],
    http_req_duration: ['p(95)<300', 'p(99)<1000'],
    'http_req_duration{kind:connect}': ['p(95)<300'],
    'http_req_duration{scenario:requests}': ['p(95)<200'],
    exchange_duration: ['p(99)<300'],
    dropped_iterations: ['count==0'],
  },
};

export function browsers(vu: Vu): Promise<void> {
  return browse(vu, 1);
}

export function tunnels(vu: Vu): Promise<void> {
  return converse(vu, { for: '10s', every: '100ms' });
}

export async function requests(vu: Vu): Promise<void> {
  const response = await vu.http.get('/hello', { keepAlive: false });
  vu.check(response, { 'hello is answered': ({ status }) => status === 200 });
}
