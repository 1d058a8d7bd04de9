import { CANARY_TENANT } from '@culvert/contracts';
import type { SliLevel, SliRecorder } from '@culvert/telemetry';
import type { SessionActor } from './session-actor.ts';
import type { Entry, SessionWatcher } from './sessions.ts';

/** Whoever was away for longer was not kept waiting by us: its agent was off. ms. */
const VACANT_MAX_MS = 600_000;

/**
 * Counts for how long sessions could be used, and for how long they could not although their agents wanted to be there: while
 * an agent that was lost may still come back, and while nobody had the session because its worker was gone. That time is
 * known from the end of the lost worker's lease on, so a session that was taken over sooner had none.
 */
export class SessionAvailability implements SessionWatcher {
  readonly #recorder: SliRecorder;
  readonly #counted = new Map<SessionActor, SliLevel>();

  constructor(recorder: SliRecorder) {
    this.#recorder = recorder;
  }

  entered(actor: SessionActor, { previous }: Entry): void {
    const vacantMs = previous?.vacantMs ?? 0;
    if (actor.ticket.tenantId === CANARY_TENANT) return;
    if (vacantMs <= VACANT_MAX_MS) this.#seriesOf(actor).add('unservedMs', vacantMs);
    this.#count(actor, 'servedMs');
  }

  left(actor: SessionActor): void {
    if (this.#counted.has(actor)) this.#count(actor, 'unservedMs');
  }

  closed(actor: SessionActor): void {
    this.#count(actor, undefined);
  }

  connectionEnded(): void {}

  connectionDetached(): void {}

  #count(actor: SessionActor, level: SliLevel | undefined): void {
    const before = this.#counted.get(actor);
    if (before !== undefined) this.#seriesOf(actor).change(before, -1);
    if (level === undefined) {
      this.#counted.delete(actor);
      return;
    }
    this.#counted.set(actor, level);
    this.#seriesOf(actor).change(level, 1);
  }

  #seriesOf({ ticket }: SessionActor) {
    return this.#recorder.of('real', ticket.tenantId);
  }
}
