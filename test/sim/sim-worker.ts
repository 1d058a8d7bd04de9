import { CulvertError, sleep } from '@culvert/base';
import { type AcceptedLinkEvents, workerHello } from '@culvert/link';
import { type NodeInfo, NodePresence } from '@culvert/registry';
import type { Ticket } from '@culvert/service';
import { serveAgent } from '../../packages/worker/src/agent-links.ts';
import { DirectConnections } from '../../packages/worker/src/direct-connections.ts';
import { Drain } from '../../packages/worker/src/drain.ts';
import { serveEdge } from '../../packages/worker/src/edge-links.ts';
import { Isolation } from '../../packages/worker/src/isolation.ts';
import { Ownership } from '../../packages/worker/src/ownership.ts';
import { Peers } from '../../packages/worker/src/peers.ts';
import { Reporter } from '../../packages/worker/src/reporter.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
import { WakeGuard } from '../../packages/worker/src/wake-guard.ts';
import { RESUME_WINDOW_MS } from './config.ts';
import type { RegistryClient } from './registry-client.ts';
import type { SimProcess } from './sim-process.ts';
import { SimTransport } from './transport.ts';
import type { Socket } from './wire.ts';
import type { World } from './world.ts';

const POOL = 'default';
const CAPACITY = 100;
/** For a drain that comes before the end of the process, ms. */
const STOP_DEADLINE_MS = 20_000;

/** One life of a worker: what the role starts, without its sockets. */
export class SimWorker {
  readonly process: SimProcess;
  readonly sessions: Sessions;
  readonly drain: Drain;
  readonly guard: WakeGuard;
  readonly links = new Set<SimTransport>();
  readonly #world: World;
  readonly registry: RegistryClient;
  readonly #reporter: Reporter;
  readonly #presence: NodePresence;
  readonly #ownership: Ownership;
  readonly #peers: Peers;
  #stopping = false;

  constructor(world: World, process: SimProcess, boot: string) {
    this.#world = world;
    this.process = process;
    const logger = world.story.logger(process.name);
    const { clock } = process;
    const registry = world.registry.client(process, process.name);
    this.registry = registry;
    const node = () => ({ id: process.name, boot: this.boot });
    this.sessions = new Sessions({
      ...{ registry, node, pool: POOL, logger, clock, resumeWindowMs: RESUME_WINDOW_MS },
      changed: (actor) => this.#reporter.changed(actor),
      refusing: () => this.#ownership.refusal(),
      unsettled: () => this.#ownership.unsettled(),
    });
    this.#reporter = new Reporter({ registry, sessions: () => this.sessions, node, pool: POOL, logger });
    this.drain = new Drain({
      ...{ sessions: this.sessions, selfId: process.name, version: '1', pool: POOL, clock, logger },
      direct: new DirectConnections(),
      nodes: () => registry.listNodes(),
    });
    this.guard = new WakeGuard({ clock, logger, check: () => this.#ownership.check() });
    const about = { version: '1', pool: POOL, host: process.name, pid: 1, capacity: CAPACITY, admissionRate: 1_000 };
    const address = `ws://${process.name}`;
    const self: NodeInfo = {
      id: process.name,
      boot,
      role: 'worker',
      ...about,
      link: address,
      proxy: address,
      admin: process.name,
    };
    this.#presence = new NodePresence({
      registry,
      logger,
      clock,
      node: self,
      load: () => ({
        state: this.#state,
        sessions: this.sessions.size,
        connections: this.sessions.connections,
      }),
      onReplaced: () => this.#world.killWorker(this, false),
      onReply: (reply) => this.#ownership.beaten(reply),
    });
    const chance = { random: () => process.random.next() };
    this.#ownership = new Ownership({
      ...{ selfId: process.name, registry, sessions: this.sessions, reporter: this.#reporter, clock, logger },
      ...{ presence: this.#presence, ...chance },
    });
    this.#peers = new Peers({ selfId: process.name, nodes: () => registry.listNodes(), clock, logger, ...chance });
    new Isolation({
      ...{ suspect: this.#ownership.suspect, sessions: this.sessions, peers: this.#peers, clock, logger, ...chance },
      draining: () => this.draining,
      isReady: async ({ id }) => world.reachesRegistry(id),
    });
  }

  get boot(): string {
    return this.#presence.node.boot;
  }

  get #state() {
    if (this.drain.state === 'empty') return 'empty';
    if (this.draining) return 'draining';
    return this.#ownership.suspect.suspect ? 'suspect' : 'ready';
  }

  get draining(): boolean {
    return this.#stopping || this.drain.state !== 'off';
  }

  start(): void {
    this.#reporter.start();
    this.guard.start();
    this.registry.onHint((hint) => {
      this.#ownership.hear(hint);
      if (hint.kind === 'session' && hint.owner !== null && hint.owner !== this.process.name) {
        this.#world.invariants.workerTold(this, hint.sessionId, hint.epoch);
      }
    });
    this.#world.network.listen(this.process.name, {
      process: this.process,
      accept: (socket, token) => this.#accept(socket, token),
    });
    this.#presence.start();
    this.#peers.start();
  }

  /** SIGTERM: sessions move, then the links end, then the process. Resolves once it may be ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#presence.beatSoon();
    this.drain.start('move');
    const deadline = new AbortController();
    await Promise.race([this.drain.whenEmpty(), sleep(STOP_DEADLINE_MS, deadline.signal)]);
    deadline.abort();
    this.drain.close();
    this.#ownership.close();
    this.sessions.abandonAll();
    await this.#presence.close();
    await this.#peers.close();
    for (const link of this.links) {
      link.machine.end({ code: 'shutting_down', message: 'the worker is stopping', final: false });
    }
    await Promise.all([...this.links].map((link) => link.closed));
  }

  /** What the operator's drain does; `undrain` calls it off. */
  startDrain(): void {
    this.drain.start('move');
    this.#presence.beatSoon();
  }

  undrain(): void {
    this.drain.stop();
    this.#presence.beatSoon();
  }

  #accept(socket: Socket, token: string): void {
    const ticket = JSON.parse(token) as Ticket; // the simulation's API wrote it
    const { process } = this;
    if (ticket.node !== process.name) throw new CulvertError('ticket_invalid');
    if (ticket.expiresAt <= process.clock.now()) throw new CulvertError('ticket_expired');
    if (ticket.kind === 'agent' && this.draining) throw new CulvertError('draining', 'the worker is stopping');
    const refusal = ticket.kind === 'agent' ? this.#ownership.refusal() : undefined;
    if (refusal !== undefined) throw refusal;
    let events: AcceptedLinkEvents | undefined;
    const link = new SimTransport({
      side: 'acceptor',
      socket,
      self: workerHello(process.name, 'sim/1'),
      highWaterBytes: this.#world.config.highWaterBytes,
      gate: this.guard,
      sending: (frame) => this.#world.invariants.workerSends(this, frame),
      events: {
        hello: (hello) => events?.hello(hello),
        welcome: () => undefined,
        frame: (frame) => events?.frame(frame),
        goAway: (end) => link.machine.end(end),
        claim: (lastEpoch) => {
          if (events?.claim !== undefined) events.claim(lastEpoch);
          else link.machine.end({ code: 'protocol_error', message: 'L7: CLAIM without standby', final: false });
        },
      },
    });
    this.links.add(link);
    void link.closed.then(() => this.links.delete(link));
    const options = { sessions: this.sessions, boot: () => this.boot, logger: this.#world.story.logger(process.name) };
    events = ticket.kind === 'agent' ? serveAgent(link, ticket, options) : serveEdge(link, ticket, options);
  }
}
