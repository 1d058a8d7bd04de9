import type { Health } from './health.ts';

/** A beat stays a small write. */
const MAX_PROBLEMS = 5;
const MAX_CHARS = 200;
/** A beat that arrives is itself the proof against them; a node cut off says so by its state. */
const OF_THE_REGISTRY: ReadonlySet<string> = new Set(['registry', 'redis']);

/** What every role's beat tells of its process. */
export interface Vitals {
  /** Why it is not ready, save for the registry, in words. */
  readonly problems: readonly string[];
  /** ms since the Unix epoch. */
  readonly startedAt: number;
}

export function vitalsOf(health: Health): Vitals {
  const problems = health.failing
    .filter(({ name }) => !OF_THE_REGISTRY.has(name))
    .slice(0, MAX_PROBLEMS)
    .map(({ name, reason }) => cut(`${name}: ${reason}`));
  return { problems, startedAt: Math.round(performance.timeOrigin) };
}

function cut(text: string): string {
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 1)}…`;
}
