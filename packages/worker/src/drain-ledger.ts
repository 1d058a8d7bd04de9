import type { Clock } from '@culvert/base';
import { CANARY_TENANT, type DrainedSession } from '@culvert/contracts';
import type { Circuit, CircuitEnd } from './circuit.ts';
import { isLoss } from './end-reasons.ts';
import type { SessionActor, SessionEnd } from './session-actor.ts';
import type { SessionWatcher } from './sessions.ts';

/** Sessions that are remembered, some 400 bytes each; those beyond are not in the report. */
const KEPT = 100_000;

type Outcome = NonNullable<DrainedSession['outcome']>;

interface Entry {
  readonly id: string;
  readonly tenant: string;
  readonly name: string | null;
  readonly agentId: string;
  outcome: Outcome | null;
  /** The agent had left, or was lost, when it ended: it may yet turn up elsewhere. */
  agentLeft: boolean;
  to: string | null;
  moved: number;
  finished: number;
  lost: number;
  atMs: number;
}

/**
 * What became of each session that was here since a drain began. While no drain goes on it stands still. The canary tenant's
 * sessions are nobody's, and not in it.
 */
export class DrainLedger implements SessionWatcher {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Those of which it was said that they go on elsewhere. */
  readonly #moved = new WeakSet<Circuit>();
  #open = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A drain begins, or goes on. `fresh`: what was before is forgotten. */
  begin(present: readonly SessionActor[], { fresh }: { fresh: boolean }): void {
    if (fresh) this.#entries.clear();
    this.#open = true;
    for (const actor of present) {
      const entry = this.#entryOf(actor);
      // It was sent away in an earlier part of the drain, and has come back.
      if (entry !== undefined && entry.outcome !== null) {
        Object.assign(entry, { outcome: null, agentLeft: false, to: null, atMs: this.#clock.now() });
      }
    }
  }

  /** The drain was called off. */
  stop(): void {
    this.#open = false;
  }

  /** Sessions that have come since. */
  saw(present: readonly SessionActor[]): void {
    for (const actor of present) this.#entryOf(actor);
  }

  /** The drain itself has sent it away. */
  sentAway(actor: SessionActor, outcome: 'closed_idle' | 'forced'): void {
    const entry = this.#entryOf(actor);
    if (entry !== undefined) this.#settle(entry, outcome);
  }

  /** The registry tells who has a session now. `agentId`: whose it is there; null: not known. */
  heard(sessionId: string, node: string, agentId: string | null): void {
    const entry = this.#entries.get(sessionId);
    if (!this.#open || entry === undefined) return;
    entry.to = node;
    const another = agentId !== null && agentId !== entry.agentId;
    if (another) this.#settle(entry, 'ended');
    else if (entry.outcome === null || entry.agentLeft) this.#settle(entry, 'moved');
  }

  /** A connection on this worker's own address was reset by the drain after its session had gone on elsewhere. */
  lostBehind(sessionId: string): void {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) return;
    entry.moved = Math.max(0, entry.moved - 1);
    entry.lost += 1;
  }

  /** In the order in which they were first seen. */
  read(): DrainedSession[] {
    return [...this.#entries.values()].map(({ id, tenant, name, outcome, to, moved, finished, lost, atMs }) => ({
      ...{ id, tenant, name, outcome, to },
      ...{ connectionsMoved: moved, connectionsFinished: finished, connectionsLost: lost },
      at: new Date(atMs).toISOString(),
    }));
  }

  left(actor: SessionActor): void {
    const entry = this.#entryOf(actor);
    if (entry?.outcome === null) this.#settle(entry, 'ended', true);
  }

  closed(actor: SessionActor, end: SessionEnd, replaced: boolean): void {
    const entry = this.#entryOf(actor);
    if (entry === undefined || replaced) return;
    const movedOn = end.code === 'superseded' && !end.final;
    if (entry.outcome === null) this.#settle(entry, outcomeOf(end), end.by === 'agent' && !end.final);
    for (const circuit of actor.detached) if (movedOn || end.by === 'worker') this.#goesOn(entry, circuit);
  }

  connectionEnded(actor: SessionActor, circuit: Circuit, end: CircuitEnd): void {
    const entry = this.#entryOf(actor);
    if (entry === undefined || !(circuit.open || circuit.resumed)) return;
    // A connection of this worker's own address is reset by the edge in this process.
    if (isLoss(end) || end.reason === 'draining') entry.lost += 1;
    else entry.finished += 1;
  }

  connectionDetached(actor: SessionActor, circuit: Circuit): void {
    const entry = this.#entryOf(actor);
    const { phase } = actor.state;
    const gone = phase === 'handed_off' || phase === 'closed' || circuit.movedOn;
    if (entry !== undefined && gone) this.#goesOn(entry, circuit);
  }

  /** One that was not open yet is asked for anew, and one that was only coming back was not here. */
  #goesOn(entry: Entry, circuit: Circuit): void {
    if (!circuit.open || this.#moved.has(circuit)) return;
    this.#moved.add(circuit);
    entry.moved += 1;
  }

  #settle(entry: Entry, outcome: Outcome, agentLeft = false): void {
    Object.assign(entry, { outcome, agentLeft, atMs: this.#clock.now() });
  }

  /** undefined: it is not followed. */
  #entryOf({ id, ticket: { tenantId, name, agentId } }: SessionActor): Entry | undefined {
    if (!this.#open || tenantId === CANARY_TENANT) return undefined;
    const known = this.#entries.get(id);
    if (known !== undefined || this.#entries.size >= KEPT) return known;
    const atMs = this.#clock.now();
    const counts = { moved: 0, finished: 0, lost: 0 };
    const entry: Entry = {
      id,
      tenant: tenantId,
      name,
      agentId,
      outcome: null,
      agentLeft: false,
      to: null,
      ...counts,
      atMs,
    };
    this.#entries.set(id, entry);
    return entry;
  }
}

function outcomeOf({ code, by, final }: SessionEnd): Outcome {
  if (code === 'superseded' && !final) return 'moved';
  return by === 'worker' ? 'forced' : 'ended';
}
