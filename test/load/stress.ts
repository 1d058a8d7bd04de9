// Stress: the load of the busiest hour, and half as much again. It may get slower; nothing may be lost.
import type { LoadOptions, Vu } from './lib/index.ts';
import { EVERYTHING_RIGHT } from './workloads/thresholds.ts';
import { browse, converse } from './workloads/visits.ts';

export const options: LoadOptions = {
  agents: 40,
  agentProcesses: 1,
  scenarios: {
    browsers: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '30s', target: 20 },
        { duration: '1m', target: 20 },
        { duration: '30s', target: 30 },
        { duration: '1m', target: 30 },
        { duration: '30s', target: 0 },
      ],
      exec: 'browsers',
    },
    tunnels: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '30s', target: 30 },
        { duration: '2m30s', target: 45 },
        { duration: '30s', target: 0 },
      ],
      exec: 'tunnels',
    },
  },
  thresholds: {
    ...EVERYTHING_RIGHT,
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(95)<1500', { threshold: 'p(95)<10000', abortOnFail: true, delayAbortEval: '30s' }],
    exchange_duration: ['p(99)<2000'],
  },
};

export function browsers(vu: Vu): Promise<void> {
  return browse(vu, 0.5);
}

export function tunnels(vu: Vu): Promise<void> {
  return converse(vu, { for: '10s', every: '100ms' });
}
