import { type Logger, withDeadline } from '@culvert/base';
import type { SweepResult } from '@culvert/registry';
import type { Kept } from './providers/index.ts';

/** A sweep does bounded work; one that takes this long hangs on Redis, and the next tick tries again. */
const DEADLINE_MS = 20_000;

export interface HousekeepingOptions {
  readonly registry: { sweep(): Promise<SweepResult> };
  readonly logger: Logger;
  readonly deadlineMs?: number;
}

/** Removes what dead nodes left in the directory. Rejects with `timeout` or `registry_unavailable`. */
export async function sweepOnce({
  registry,
  logger,
  deadlineMs = DEADLINE_MS,
}: HousekeepingOptions): Promise<SweepResult> {
  const swept = await withDeadline(deadlineMs, 'the sweep', () => registry.sweep());
  const { nodes, sessions } = swept;
  if (nodes > 0 || sessions > 0) {
    logger.info({ event: 'registry.swept', nodes, sessions }, 'what dead nodes left behind was removed');
  }
  return swept;
}

/**
 * Starts the first nodes of a pool of pods, and again those that their machine took with it. Rejects with `provider_failed` or
 * `timeout`.
 */
export async function keepPods({
  provider,
  logger,
}: {
  readonly provider: { keep(): Promise<Kept> };
  readonly logger: Logger;
}): Promise<Kept> {
  const kept = await provider.keep();
  const { first, again } = kept;
  if (first.length + again.length > 0) {
    logger.info({ event: 'pods.started', first, again }, 'pods were started that nobody else looks after');
  }
  return kept;
}
