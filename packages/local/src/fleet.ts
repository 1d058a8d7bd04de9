import { CulvertError, systemClock } from '@culvert/base';
import type { RoleName } from '@culvert/service';
import type { RoleOverrides } from './cluster-options.ts';
import { ManagedProcess, type ProcessExit } from './managed-process.ts';
import { type NodeContext, type NodePlan, nodeSpec } from './node-processes.ts';
import { isAlive } from './processes.ts';
import { Restarter } from './restarter.ts';

/** A node of this cluster, in one life or several. */
export interface FleetNode {
  readonly plan: NodePlan;
  readonly process: ManagedProcess;
}

/** The processes of a cluster: who they are, when they are started again, and in which order they end. */
export class Fleet {
  readonly apis: ManagedProcess[] = [];
  readonly gateways: ManagedProcess[] = [];
  readonly workers: ManagedProcess[] = [];
  readonly deployers: ManagedProcess[] = [];
  /** Agents, and the demo's processes: what is outside the cluster proper. */
  readonly clients: ManagedProcess[] = [];
  readonly #context: NodeContext;
  readonly #onChange: () => void;
  readonly #restarter: Restarter;
  readonly #nodes = new Map<string, FleetNode>();
  readonly #numbers = new Map<RoleName, number>();
  #started: { pid: number; id: string }[] = [];
  #closing = false;

  /** `onChange`: a process is there that was not, or is gone. */
  constructor(context: NodeContext, onChange: () => void) {
    this.#context = context;
    this.#onChange = onChange;
    this.#restarter = new Restarter(systemClock, context.options.onEvent);
  }

  /** Every process that runs now. */
  get processes(): ManagedProcess[] {
    const lists = [this.apis, this.workers, this.gateways, this.deployers, this.#joining(), this.clients];
    return lists.flat().filter(({ pid }) => pid !== undefined);
  }

  /** Those that run, or are to be started again. */
  get nodes(): ReadonlyMap<string, FleetNode> {
    return this.#nodes;
  }

  /** Nothing starts any more. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Pids of everything that was ever started here and is alive now. */
  get survivors(): { pid: number; id: string }[] {
    return this.#started.filter(({ pid }) => isAlive(pid));
  }

  /** The script that nodes of a role run. */
  entryOf(role: RoleName): string {
    const { entry, overrides } = this.#context.options;
    return overrides[role]?.entry ?? entry;
  }

  /** Starts the next node of a role and waits until it is ready. */
  async start(role: RoleName, overrides: RoleOverrides = {}): Promise<ManagedProcess> {
    const number = (this.#numbers.get(role) ?? 0) + 1;
    this.#numbers.set(role, number);
    const id = `${role}-${number}`;
    const entry = overrides.entry ?? this.entryOf(role);
    const { process } = this.#make({ role, id, entry, version: null, overrides, flags: [] });
    this.#list(role).push(process);
    return this.#begin(process);
  }

  /**
   * Starts a node that was planned. It is listed, next to the one whose place it takes, once it is ready; one that never
   * becomes so is forgotten, and `ready` rejects. Its process is there at once.
   */
  launch(plan: NodePlan, predecessor: ManagedProcess | null): { node: FleetNode; ready: Promise<void> } {
    const node = this.#make(plan);
    const ready = this.#begin(node.process, () => {
      const list = this.#list(plan.role);
      const at = predecessor === null ? -1 : list.indexOf(predecessor);
      list.splice(at < 0 ? list.length : at + 1, 0, node.process);
    }).then(
      () => undefined,
      (error: unknown) => {
        this.#remove(node);
        throw error;
      },
    );
    return { node, ready };
  }

  /** Ends a node, for good. Resolves when it is gone. */
  async end(node: FleetNode, graceMs: number): Promise<void> {
    this.#restarter.giveUp(node.process);
    await node.process.stop(graceMs);
    this.#remove(node);
  }

  /** Whether it is started again when it has ended. */
  comesBack({ process }: FleetNode): boolean {
    return this.#context.options.restart && !this.#closing && process.lastEnd?.expected !== true;
  }

  startClient(process: ManagedProcess): Promise<ManagedProcess> {
    this.clients.push(process);
    return this.#begin(process);
  }

  onExit(exit: ProcessExit): void {
    const { onEvent, restart } = this.#context.options;
    const node = this.#nodes.get(exit.id);
    if (exit.expected) return;
    onEvent({ event: 'process.exit', ...exit });
    const process = node?.process ?? this.clients.find(({ id }) => id === exit.id);
    if (restart && process) this.#restarter.schedule(process, () => this.#onReady(process));
  }

  /**
   * Agents first: their sessions close, and their connections end as ends and not as losses. Then gateways, so that
   * no new work comes; then workers, which are empty by now; deploy workers and APIs, which all of these may call
   * while they stop.
   */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#restarter.close();
    await Promise.all([
      ...this.#joining().map((process) => process.stop()),
      ...this.clients.toReversed().map((process) => process.stop()),
    ]);
    for (const group of [this.gateways, this.workers, this.deployers, this.apis]) {
      await Promise.all(group.map((process) => process.stop()));
    }
  }

  #make(plan: NodePlan): FleetNode {
    const process = new ManagedProcess(nodeSpec(plan, this.#context), (exit) => this.onExit(exit));
    const node = { plan, process };
    this.#nodes.set(plan.id, node);
    return node;
  }

  async #begin(process: ManagedProcess, beforeReady?: () => void): Promise<ManagedProcess> {
    // What starts after the stop has begun would have nobody to end it.
    if (this.#closing) throw new CulvertError('shutting_down', `the cluster is stopping; ${process.id} stays off`);
    await process.start();
    beforeReady?.();
    this.#onReady(process);
    return process;
  }

  #onReady(process: ManagedProcess): void {
    const { role, id, pid, readiness } = process;
    if (pid === undefined) return; // gone again already; its exit is on its way
    this.#started = [...this.survivors, { pid, id }];
    this.#context.options.onEvent({ event: 'process.ready', role, id, pid, addresses: readiness.addresses ?? {} });
    this.#onChange();
  }

  #remove({ plan, process }: FleetNode): void {
    if (this.#nodes.get(plan.id)?.process === process) this.#nodes.delete(plan.id);
    const list = this.#list(plan.role);
    const at = list.indexOf(process);
    if (at >= 0) list.splice(at, 1);
    this.#onChange();
  }

  /** Not ready yet, and so in no list. */
  #joining(): ManagedProcess[] {
    return [...this.#nodes.values()].flatMap(({ plan, process }) =>
      this.#list(plan.role).includes(process) ? [] : [process],
    );
  }

  #list(role: RoleName): ManagedProcess[] {
    return { api: this.apis, gateway: this.gateways, worker: this.workers, deployer: this.deployers }[role];
  }
}
