import type {
  BeatReply,
  ClaimReply,
  Hint,
  NodeBoot,
  NodeInfo,
  NodeLoad,
  NodeView,
  ReassertOutcome,
  Route,
  SessionClaim,
  SessionReassert,
  SessionRelease,
  SessionUpdate,
  UpdateOutcome,
} from '@culvert/registry';
import type { SimRegistry } from './registry.ts';
import type { SimProcess } from './sim-process.ts';

/** The registry as one process has it. */
export class RegistryClient {
  readonly #registry: SimRegistry;
  readonly #process: SimProcess;
  readonly #hints = new Set<(hint: Hint) => void>();
  readonly #availability = new Set<(up: boolean) => void>();
  /** The process cannot reach Redis, which is fine. */
  isolated = false;

  constructor(registry: SimRegistry, process: SimProcess) {
    this.#registry = registry;
    this.#process = process;
  }

  beat(info: NodeInfo, load: NodeLoad): Promise<BeatReply> {
    return this.#command(() => this.#registry.beat(info, load));
  }

  leave(node: NodeBoot): Promise<void> {
    return this.#command(() => this.#registry.leave(node));
  }

  claim(request: SessionClaim): Promise<ClaimReply> {
    return this.#command((late) => {
      late();
      return this.#registry.claim(request);
    });
  }

  updateSessions(node: NodeBoot, updates: readonly SessionUpdate[]): Promise<Map<string, UpdateOutcome>> {
    return this.#command(() => this.#registry.update(node, updates));
  }

  release(request: SessionRelease): Promise<'released' | 'fenced' | 'absent'> {
    return this.#command(() => this.#registry.release(request));
  }

  reassert(node: NodeBoot, sessions: readonly SessionReassert[]): Promise<Map<string, ReassertOutcome>> {
    return this.#command((late) => {
      late();
      return this.#registry.reassert(node, sessions);
    });
  }

  route(sessionId: string): Promise<Route | undefined> {
    return this.#command(() => this.#registry.route(sessionId));
  }

  hasSession(sessionId: string): Promise<boolean> {
    return this.#command(() => this.#registry.session(sessionId) !== undefined);
  }

  listNodes(): Promise<NodeView[]> {
    return this.#command(() => this.#registry.listNodes());
  }

  onHint(listener: (hint: Hint) => void): () => void {
    this.#hints.add(listener);
    return () => this.#hints.delete(listener);
  }

  onAvailability(listener: (up: boolean) => void): () => void {
    this.#availability.add(listener);
    return () => this.#availability.delete(listener);
  }

  /** @internal */
  hear(hint: Hint): void {
    this.hearLater(hint, 0);
  }

  /** @internal */
  hearLater(hint: Hint, delayMs: number): void {
    if (this.isolated) return;
    this.#process.after(delayMs, () => {
      for (const listener of this.#hints) listener(hint);
    });
  }

  /** @internal */
  availability(up: boolean): void {
    this.#process.after(0, () => {
      for (const listener of this.#availability) listener(up);
    });
  }

  #command<T>(run: (late: () => void) => T): Promise<T> {
    return this.#registry.command(this.#process, this.isolated, run);
  }
}
