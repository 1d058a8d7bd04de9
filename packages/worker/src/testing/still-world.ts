import { type CulvertError, type Logger, silentLogger } from '@culvert/base';
import { ManualClock } from '@culvert/mux/testing';
import type { AgentTicket } from '@culvert/service';
import type { SessionActor } from '../session-actor.ts';
import { Sessions } from '../sessions.ts';
import { LinkStandIn, sideOf, ticketOf } from './world.ts';

/** Sessions on a clock that stands until it is moved, and a registry that grants every claim. */
export class StillWorld {
  readonly clock = new ManualClock();
  readonly changed: SessionActor[] = [];
  /** `<session> <reason>`, in order. */
  readonly released: string[] = [];
  readonly sessions: Sessions;
  /** The registry is away while this is set. */
  away: CulvertError | undefined;
  /** Each claim waits for this before it is granted. */
  claims: Promise<void> | undefined;
  #epoch = 0;

  constructor(options: { resumeWindowMs?: number; logger?: Logger } = {}) {
    this.sessions = new Sessions({
      registry: {
        claim: async ({ lastEpoch }) => {
          if (this.away !== undefined) throw this.away;
          await this.claims;
          this.#epoch = Math.max(this.#epoch, lastEpoch) + 1;
          return { outcome: 'claimed', epoch: this.#epoch, connectedAtMs: this.clock.now() };
        },
        release: async ({ sessionId, reason }) => {
          this.released.push(`${sessionId} ${reason}`);
          return 'released';
        },
      },
      node: () => ({ id: 'w_1', boot: 'b_1' }),
      pool: 'default',
      logger: silentLogger,
      clock: this.clock,
      changed: (actor) => this.changed.push(actor),
      ...options,
    });
  }

  /** An agent comes with a ticket. */
  async admit(ticket: AgentTicket = ticketOf()): Promise<{ actor: SessionActor; link: LinkStandIn }> {
    const link = new LinkStandIn();
    const actor = await this.sessions.admit(ticket, link.asLink(), sideOf(this.sessions));
    if (actor === undefined) throw new Error(`not admitted: ${link.end?.code}`);
    return { actor, link };
  }
}
