import type { StoredDeployment } from '@culvert/registry';
import type { CoreState } from '../core/types.ts';
import type { TickOutcome } from './ticker.ts';

/** Hears how deployments go on. Must not throw. */
export interface EngineWatch {
  /** A tick of this deploy worker came to its end. `failed`: something could not be read, or written. */
  ticked(outcome: TickOutcome['outcome'] | 'failed', tookMs: number): void;
  /** This deploy worker moved a deployment on. */
  committed(before: CoreState, after: CoreState): void;
  /** The deployment that is under way, as each deploy worker looks at it every second; undefined: none is. */
  saw(deployment: Pick<StoredDeployment, 'state'> | undefined): void;
}
