import type { ClusterEvent } from '@culvert/contracts';
import { type Tone, toneOf } from '../../format/tone.ts';

const TONES: Partial<Record<ClusterEvent['type'], Tone>> = {
  'session.fenced': 'warn',
  'node.cordoned': 'warn',
  'node.uncordoned': 'good',
  'node.swept': 'bad',
  'registry.recovering': 'warn',
  'registry.recovered': 'good',
  'deployment.restored': 'warn',
  'probe.failed': 'bad',
  'probe.recovered': 'good',
  'chaos.fault': 'warn',
};

/** How an event is to be taken: what it tells of a state as that state, most others as a matter of course. */
export function eventTone(event: ClusterEvent): Tone {
  if (event.type === 'node.state' || event.type === 'deployment.state') return toneOf(event.state);
  if (event.type === 'deployment.step') return event.outcome === 'ok' ? 'neutral' : toneOf(event.outcome);
  return TONES[event.type] ?? 'neutral';
}
