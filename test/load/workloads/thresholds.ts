import type { ThresholdSpecs } from '../lib/index.ts';

/** What holds at any load that is served at all: nothing is lost, and every byte is right. */
export const EVERYTHING_RIGHT: ThresholdSpecs = {
  checks: ['rate==1'],
  bytes_wrong: ['count==0'],
  connections_lost: ['count==0'],
  iterations_failed: ['count==0'],
};
