import { count } from '../../format/quantities.ts';
import type { Tone } from '../../format/tone.ts';

const NEAR = 0.8;

/** How near a limit is. */
export interface Nearness {
  /** 0 to 1: how much of a bar is full. */
  readonly full: number;
  readonly tone: Tone;
  readonly words: string;
}

/** `412 of 1 000 (41 %)` */
export function nearness(used: number, limit: number): Nearness {
  const share = limit === 0 ? (used > 0 ? 2 : 1) : used / limit;
  const part = limit === 0 ? 'none may be opened' : `${Math.floor(share * 100)} %`;
  const words = `${count(used)} of ${count(limit)} (${part})`;
  return { full: Math.min(1, share), tone: toneOf(share), words: share > 1 ? `${words}: above the limit` : words };
}

function toneOf(share: number): Tone {
  if (share >= 1) return 'bad';
  return share >= NEAR ? 'warn' : 'good';
}

/** What the person typed for a limit; undefined: no number that may stand there. */
export function limitOf(typed: string, least: 0 | 1): number | undefined {
  const value = /^\d{1,7}$/.test(typed.trim()) ? Number(typed) : Number.NaN;
  return value >= least && value <= 1_000_000 ? value : undefined;
}
