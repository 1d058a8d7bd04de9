/** How something is to be taken; each has a colour, and a sign for those who do not see it. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'neutral';

const TONES: Readonly<Record<string, Tone>> = {
  // nodes
  ...{
    booting: 'neutral',
    ready: 'good',
    cordoned: 'warn',
    draining: 'warn',
    empty: 'neutral',
    suspect: 'bad',
    dead: 'bad',
  },
  // sessions
  ...{ idle: 'good', busy: 'busy', offline: 'bad' },
  // deployments, their nodes and steps
  ...{ pending: 'neutral', waiting: 'neutral', preflight: 'busy', running: 'busy', analyzing: 'busy', paused: 'warn' },
  ...{ rolling_back: 'warn', succeeded: 'good', done: 'good', skipped: 'neutral', failed: 'bad', aborted: 'warn' },
  ...{ rolled_back: 'warn', rejected: 'bad', ok: 'good', timeout: 'bad', forced: 'warn' },
  // probes, health, status
  ...{ up: 'good', down: 'bad', warn: 'warn', bad: 'bad', operational: 'good', degraded: 'warn', outage: 'bad' },
};

/** What is not known is told without a colour. */
export function toneOf(state: string): Tone {
  return TONES[state] ?? 'neutral';
}
