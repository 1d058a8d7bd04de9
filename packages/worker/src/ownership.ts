import { CulvertError } from '@culvert/base';
import type { Hint, NodePresence } from '@culvert/registry';
import type { Reporter } from './reporter.ts';
import type { Sessions } from './sessions.ts';

export interface OwnershipOptions {
  readonly selfId: string;
  readonly sessions: Sessions;
  readonly reporter: Pick<Reporter, 'changed' | 'reassertAll'>;
  readonly presence: Pick<NodePresence, 'confirm'>;
}

/** Keeps the sessions of this worker in step with what the registry says of who owns them. */
export class Ownership {
  readonly #options: OwnershipOptions;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** Hints may be lost, come late or in any order; reports and claims heal what that leaves. */
  hear(hint: Hint): void {
    const { selfId, sessions, reporter } = this.#options;
    // Hints were lost: what is told by reports is answered by what has changed.
    if (hint.kind === 'reset') for (const actor of sessions.all()) reporter.changed(actor);
    if (hint.kind !== 'session') return;
    if (hint.owner === selfId) sessions.ownedHere(hint.sessionId, hint.epoch);
    else if (hint.owner === null) sessions.ownedNowhere(hint.sessionId);
    else sessions.fence(hint.sessionId, hint.epoch, hint.agentId);
  }

  /** The registry may have lost what it knew of this worker. */
  async reassert(): Promise<void> {
    const { sessions, reporter } = this.#options;
    if (sessions.all().length > 0) await reporter.reassertAll();
  }

  /**
   * Which sessions are still this worker's? It may have a new boot by now. Those that are not have been handed off when this
   * resolves. Rejects when the registry cannot be asked.
   */
  async check(): Promise<void> {
    const { presence, reporter } = this.#options;
    await presence.confirm();
    if (!(await reporter.reassertAll())) throw new CulvertError('registry_unavailable');
  }
}
