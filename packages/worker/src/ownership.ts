import type { Clock, CulvertError, Logger } from '@culvert/base';
import type { AcceptedBeat, Hint, NodePresence, Registry } from '@culvert/registry';
import { Heal } from './heal.ts';
import type { Reporter } from './reporter.ts';
import type { Sessions } from './sessions.ts';
import { Suspect } from './suspect.ts';

export interface OwnershipOptions {
  readonly selfId: string;
  readonly registry: Pick<Registry, 'listOwned' | 'getSession' | 'release'>;
  readonly sessions: Sessions;
  readonly reporter: Pick<Reporter, 'changed' | 'reassert'>;
  readonly presence: Pick<NodePresence, 'node' | 'confirm' | 'confirmRound' | 'onLease' | 'beatSoon'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/** Keeps the sessions of this worker in step with what the registry says of who owns them. */
export class Ownership {
  readonly suspect: Suspect;
  readonly #options: OwnershipOptions;
  readonly #heal: Heal;

  constructor(options: OwnershipOptions) {
    const { presence, clock, logger, random } = options;
    const chance = random === undefined ? {} : { random };
    this.#options = options;
    this.#heal = new Heal(options);
    const check = (sinceMs: number): Promise<void> => this.#heal.all(sinceMs);
    this.suspect = new Suspect({ presence, check, clock, logger, ...chance });
    // Others should hear of it now, not in two seconds.
    this.suspect.onChange(({ phase }) => phase === 'trusted' && presence.beatSoon());
  }

  /** Why nothing new is taken; undefined when it is. */
  refusal(): CulvertError | undefined {
    return this.suspect.refusal();
  }

  /** Hints may be lost, come late or in any order; reports and claims heal what that leaves. */
  hear(hint: Hint): void {
    const { selfId, sessions, reporter, presence } = this.#options;
    // An operator's wish, say: a beat brings it, and from then on this node remembers it for a Redis that loses it.
    if (hint.kind === 'node' && hint.nodeId === selfId) presence.beatSoon();
    // Hints were lost: what is told by reports is answered by what has changed; what is not here is told by nobody.
    if (hint.kind === 'reset') {
      for (const actor of sessions.all()) reporter.changed(actor);
      this.#heal.lookForStrays();
    }
    if (hint.kind !== 'session') return;
    if (hint.owner === selfId) sessions.ownedHere(hint.sessionId, hint.epoch);
    else if (hint.owner === null) sessions.ownedNowhere(hint.sessionId);
    else sessions.fence(hint.sessionId, hint.epoch, hint.agentId);
  }

  /** Nobody knows what came of a claim or a release. */
  unsettled(): void {
    this.#heal.lookForStrays();
  }

  /** The registry took a beat, and told what it lacks. */
  beaten(reply: Pick<AcceptedBeat, 'missing' | 'round'>): void {
    this.#heal.hear(reply);
  }

  /**
   * Which sessions are still this worker's? It may have a new boot by now. Those that are not have been handed off when this
   * resolves. Rejects when the registry does not take a beat.
   */
  async check(): Promise<void> {
    const { presence, clock } = this.#options;
    const sinceMs = clock.monotonic();
    await presence.confirm();
    await this.#heal.all(sinceMs);
  }

  /** The directory is left as it is from now on. Whoever is suspect stays so. */
  close(): void {
    this.suspect.close();
    this.#heal.close();
  }
}
