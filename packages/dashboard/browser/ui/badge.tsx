import { type Tone, toneOf } from '../format/tone.ts';

/** Beside the colour, for those who do not see it. */
const SIGNS: Readonly<Record<Tone, string>> = { good: '●', busy: '◐', warn: '▲', bad: '■', neutral: '○' };

interface BadgeProps {
  readonly state: string;
  /** Default: what the state means by itself. */
  readonly tone?: Tone;
  readonly title?: string;
}

/** A state, in its own word. */
export function Badge({ state, tone = toneOf(state), title }: BadgeProps) {
  return (
    <span class={`badge ${tone}`} title={title}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {state.replaceAll('_', ' ')}
    </span>
  );
}
