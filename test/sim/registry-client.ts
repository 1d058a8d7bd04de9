import type {
  Beat,
  BeatReply,
  ClaimReply,
  Hint,
  NodeBoot,
  NodeView,
  OwnedPage,
  ReassertOutcome,
  Route,
  SessionClaim,
  SessionReassert,
  SessionRelease,
  SessionUpdate,
  SessionView,
  UpdateOutcome,
} from '@culvert/registry';
import { type BootMemory, Memories } from '../../packages/registry/src/memory.ts';
import type { SimRegistry } from './registry.ts';
import type { SimProcess } from './sim-process.ts';

/** The registry as one process has it: what it remembers of its own operations is the real thing. */
export class RegistryClient {
  readonly #registry: SimRegistry;
  readonly #process: SimProcess;
  readonly #memories = new Memories();
  readonly #hints = new Set<(hint: Hint) => void>();
  readonly #availability = new Set<(up: boolean) => void>();
  /** The process cannot reach Redis, which is fine. */
  #isolated = false;

  readonly hintsOf: string | undefined;

  constructor(registry: SimRegistry, process: SimProcess, hintsOf: string | undefined) {
    this.hintsOf = hintsOf;
    this.#registry = registry;
    this.#process = process;
  }

  /** Hints that are lost are told of by a `reset`. */
  readonly hearing = true;

  async beat(beat: Beat): Promise<BeatReply> {
    const memory = this.#memories.of(beat.node);
    const answer = await this.#command(() => this.#registry.scripts.beat(beat));
    if (answer.outcome === 'dead') return answer;
    const { watermark, fresh, ...reply } = answer;
    return { ...reply, missing: memory.missing(watermark, fresh) };
  }

  leave(node: NodeBoot): Promise<void> {
    return this.#command(() => this.#registry.scripts.leave(node));
  }

  async claim(request: SessionClaim): Promise<ClaimReply> {
    const memory = this.#memories.of(request.node);
    const stamp = memory.next();
    const reply = await this.#command(() => this.#registry.scripts.claim(request, stamp));
    const { sessionId } = request;
    if (reply.outcome === 'claimed') {
      memory.acknowledged(stamp, [{ sessionId, epoch: reply.epoch, released: false }]);
    }
    return reply;
  }

  async updateSessions(node: NodeBoot, updates: readonly SessionUpdate[]): Promise<Map<string, UpdateOutcome>> {
    const memory = this.#memories.of(node);
    const stamp = memory.next();
    const outcomes = await this.#command(() => this.#registry.scripts.update(node, updates, stamp));
    acknowledge(memory, stamp, updates, outcomes);
    return outcomes;
  }

  async release(request: SessionRelease): Promise<'released' | 'fenced' | 'absent'> {
    const memory = this.#memories.of(request.node);
    const stamp = memory.next();
    const outcome = await this.#command(() => this.#registry.scripts.release(request, stamp));
    memory.acknowledged(stamp, [{ sessionId: request.sessionId, epoch: request.epoch, released: true }]);
    return outcome;
  }

  async reassert(node: NodeBoot, sessions: readonly SessionReassert[]): Promise<Map<string, ReassertOutcome>> {
    const memory = this.#memories.of(node);
    const stamp = memory.next();
    const outcomes = await this.#command(() => this.#registry.scripts.reassert(node, sessions, stamp));
    acknowledge(memory, stamp, sessions, outcomes);
    return outcomes;
  }

  route(sessionId: string): Promise<Route | undefined> {
    return this.#command(() => this.#registry.scripts.route(sessionId));
  }

  hasSession(sessionId: string): Promise<boolean> {
    return this.#command(() => this.#registry.scripts.session(sessionId) !== undefined);
  }

  /** Whoever asks here looks at whose it is, and nothing else. */
  getSession(sessionId: string): Promise<SessionView | undefined> {
    return this.#command(() => this.#registry.scripts.view(sessionId) as SessionView | undefined);
  }

  listOwned(node: NodeBoot): Promise<OwnedPage> {
    return this.#command(() => this.#registry.scripts.listOwned(node));
  }

  listNodes(): Promise<NodeView[]> {
    return this.#command(() => this.#registry.scripts.listNodes());
  }

  onHint(listener: (hint: Hint) => void): () => void {
    this.#hints.add(listener);
    return () => this.#hints.delete(listener);
  }

  onAvailability(listener: (up: boolean) => void): () => void {
    this.#availability.add(listener);
    return () => this.#availability.delete(listener);
  }

  /** A network cut between this process and Redis only. */
  isolate(): void {
    this.#isolated = true;
    this.availability(false);
  }

  join(): void {
    this.#isolated = false;
    this.reconnected();
  }

  /** Whether a command would be answered now. */
  get reachable(): boolean {
    return !this.#isolated && !this.#registry.away;
  }

  /** @internal */
  hearLater(hint: Hint, delayMs: number): void {
    if (this.#isolated) return;
    this.#process.after(delayMs, () => {
      for (const listener of this.#hints) listener(hint);
    });
  }

  /** @internal */
  reconnected(): void {
    if (!this.reachable) return;
    this.availability(true);
    this.hearLater({ kind: 'reset' }, 0);
  }

  /** @internal */
  availability(up: boolean): void {
    this.#process.after(0, () => {
      for (const listener of this.#availability) listener(up);
    });
  }

  /** One that comes too late does nothing, as `notAfterMs` has it. */
  #command<T>(run: () => T): Promise<T> {
    return this.#registry.command(this.#process, this.#isolated, (late) => {
      late();
      return run();
    });
  }
}

function acknowledge(
  memory: BootMemory,
  stamp: ReturnType<BootMemory['next']>,
  sessions: readonly { readonly sessionId: string; readonly epoch: number }[],
  outcomes: ReadonlyMap<string, string>,
): void {
  const told = sessions.filter(({ sessionId }) => outcomes.get(sessionId) === 'ok');
  memory.acknowledged(
    stamp,
    told.map(({ sessionId, epoch }) => ({ sessionId, epoch, released: false })),
  );
}
