// Breakpoint: more and more, until it breaks. It ends, with exit code 99, at the first threshold that does not hold, and tells at
// which rate that was: that is what this test is for. One that holds to the end (exit code 0) was asked for too little: --rate.
import type { LoadOptions, Vu } from './lib/index.ts';

const stop = (threshold: string) => ({ threshold, abortOnFail: true, delayAbortEval: '10s' });

export const options: LoadOptions = {
  agents: 20,
  scenarios: {
    ramp: {
      executor: 'ramping-arrival-rate',
      startRate: 10,
      stages: [{ duration: '5m', target: 2_000 }],
      ...{ preAllocatedVUs: 50, maxVUs: 2_000, gracefulStop: '10s' },
    },
  },
  thresholds: {
    http_req_failed: [stop('rate<0.01')],
    http_req_duration: [stop('p(95)<500')],
    dropped_iterations: [stop('count==0')],
    connections_lost: [stop('count==0')],
    bytes_wrong: [stop('count==0')],
  },
};

/** One connection, as short as it can be while it proves that bytes go both ways. */
export default async function visit(vu: Vu): Promise<void> {
  const outcome = await vu.connect((tunnel) => tunnel.talk({ for: '1ms', bytes: 1_024 }));
  vu.check(outcome, { 'the connection worked': ({ status, lost }) => status === 200 && lost === undefined });
}
