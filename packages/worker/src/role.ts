import { hostname } from 'node:os';
import { CulvertError, sleep, systemClock } from '@culvert/base';
import type { DrainOrder } from '@culvert/contracts';
import {
  addEdgeAdminRoutes,
  type EdgeObserver,
  loggedConnections,
  meteredConnections,
  ObservedConnections,
  type OwnerRoute,
  ProxyServer,
  ReattachLog,
  roundTripMeter,
  sliConnections,
  tenantMeter,
  tracedConnections,
} from '@culvert/edge';
import {
  type AcceptedBeat,
  type NodeInfo,
  NodePresence,
  type NodeState,
  observeRegistry,
  Registry,
  registryMeter,
} from '@culvert/registry';
import {
  type CommonConfig,
  countSli,
  type HostPort,
  hostPort,
  integer,
  poolOption,
  publishedUrl,
  ROOT_KEY_ID,
  type Role,
  type RoleContext,
  resumeWindowOption,
  vitalsOf,
  yesNo,
} from '@culvert/service';
import { AbandonedConnections } from './abandoned-connections.ts';
import { addAdminRoutes } from './admin-routes.ts';
import { Admission } from './admission.ts';
import { applySettings } from './apply-settings.ts';
import { CircuitSpans } from './circuit-spans.ts';
import { DirectEdge } from './direct.ts';
import { Drain } from './drain.ts';
import { Isolation } from './isolation.ts';
import { LinkServer } from './link-server.ts';
import { Ownership } from './ownership.ts';
import { Peers } from './peers.ts';
import { Reporter } from './reporter.ts';
import { SessionAvailability } from './session-availability.ts';
import { SessionSpans } from './session-spans.ts';
import { Sessions } from './sessions.ts';
import { WakeGuard } from './wake-guard.ts';
import { observeWorker } from './worker-metrics.ts';

export interface WorkerConfig {
  readonly pool: string;
  readonly capacity: number;
  readonly admissionRate: number;
  readonly proxyListen: HostPort;
  readonly linkListen: HostPort;
  readonly resumeWindowMs: number;
  readonly cordoned: boolean;
}

/** The path of a worker's link server. */
const LINK_PATH = '/link';
/** Running connections get this share of the stop deadline; the rest is for closing in order. */
const DRAIN_SHARE = 0.8;

export const workerRole: Role<WorkerConfig> = {
  name: 'worker',
  options: {
    pool: poolOption,
    capacity: {
      flag: '--capacity',
      env: 'CULVERT_CAPACITY',
      parser: integer(1, 1_000_000),
      default: 20_000,
      doc: 'sessions that this worker takes at most',
    },
    admissionRate: {
      flag: '--admission-rate',
      env: 'CULVERT_ADMISSION_RATE',
      parser: integer(1, 100_000),
      default: 250,
      doc: 'agents per second that this worker lets in; 2 s of them may come at once',
    },
    proxyListen: {
      flag: '--proxy-listen',
      env: 'CULVERT_PROXY_LISTEN',
      parser: hostPort,
      default: { host: '127.0.0.1', port: 0 },
      doc: "the worker's own proxy address, for browsers that are sent to it directly",
    },
    linkListen: {
      flag: '--link-listen',
      env: 'CULVERT_LINK_LISTEN',
      parser: hostPort,
      default: { host: '127.0.0.1', port: 0 },
      doc: 'where agents, gateways and local proxies dial in',
    },
    resumeWindowMs: resumeWindowOption,
    cordoned: {
      flag: '--cordoned',
      env: 'CULVERT_CORDONED',
      parser: yesNo,
      default: false,
      doc: 'begin cordoned: take no sessions until somebody uncordons the node (nothing once somebody has)',
    },
  },
  start: (config, context) => new WorkerNode(config, context).start(),
};

/** One worker: what it is made of, in the order in which it starts; it stops in the opposite order. */
class WorkerNode {
  readonly #config: WorkerConfig & CommonConfig;
  readonly #context: RoleContext;
  readonly #registry: Registry;
  readonly #sessions: Sessions;
  readonly #reporter: Reporter;
  readonly #links: LinkServer;
  readonly #observed: ObservedConnections;
  readonly #direct: DirectEdge;
  readonly #drain: Drain;
  readonly #wakeGuard: WakeGuard;
  #presence: NodePresence | undefined;
  #ownership: Ownership | undefined;
  readonly #reattachLog = new ReattachLog();
  #cordoned: boolean;
  /** The registry has told of the cordon that began the drain: its end ends the drain. */
  #cordonSeen = false;

  constructor(config: WorkerConfig & CommonConfig, context: RoleContext) {
    this.#config = config;
    this.#context = context;
    this.#cordoned = config.cordoned;
    const { logger, scope, id, secret, version, telemetry } = context;
    const { pool, resumeWindowMs } = config;
    const software = `culvert/${version}`;
    // The registry closes last of all: every session that ends on the way is still released there.
    const { redis: url, redisPrefix: prefix } = config;
    const observer = registryMeter(telemetry.meter);
    this.#registry = scope.own('registry', Registry.connect({ url, prefix, hintsOf: id, logger, observer }));
    const node = () => ({ id, boot: this.#boot });
    this.#sessions = new Sessions({
      registry: this.#registry,
      node,
      pool,
      logger,
      clock: systemClock,
      resumeWindowMs,
      changed: (actor) => this.#reporter.changed(actor),
      refusing: () => this.#ownership?.refusal(),
      unsettled: () => this.#ownership?.unsettled(),
      ...(telemetry.tracing ? { circuitSpans: new CircuitSpans(telemetry, id) } : {}),
    });
    this.#reporter = new Reporter({ registry: this.#registry, sessions: () => this.#sessions, node, pool, logger });
    const { meter, tracing, tracer } = telemetry;
    const traced = tracing ? [tracedConnections(tracer, id)] : [];
    if (tracing) this.#sessions.watch(new SessionSpans(telemetry, id));
    const counted = this.#countSli();
    this.#observed = new ObservedConnections(meteredConnections(meter), counted, ...traced, loggedConnections(logger));
    this.#direct = new DirectEdge({
      sessions: this.#sessions,
      secret,
      nodeId: id,
      boot: () => this.#boot,
      software,
      findRoute: (sessionId) => this.#findRoute(sessionId),
      resumeWindowMs,
      observed: this.#observed,
      roundTrip: roundTripMeter(telemetry.meter),
      log: this.#reattachLog,
      logger,
    });
    this.#drain = new Drain({
      sessions: this.#sessions,
      direct: this.#direct.connections,
      nodes: () => this.#registry.listNodes(),
      selfId: id,
      version,
      pool,
      clock: systemClock,
      logger,
    });
    this.#wakeGuard = new WakeGuard({ clock: systemClock, check: async () => this.#ownership?.check(), logger });
    this.#links = new LinkServer({
      nodeId: id,
      boot: () => this.#boot,
      software,
      secret,
      sessions: this.#sessions,
      logger,
      refusing: () => this.#refusing(),
      admission: new Admission({ ratePerSecond: config.admissionRate, clock: systemClock }),
      gate: this.#wakeGuard,
      resumes: resumeWindowMs > 0,
    });
  }

  /** What customers get of this worker: of its own address, and of the sessions that it has, or takes over. */
  #countSli(): EdgeObserver {
    const registry = this.#registry;
    const recorder = countSli(this.#context, registry.sli);
    this.#sessions.watch(new SessionAvailability(recorder));
    const { logger, telemetry } = this.#context;
    const counted = tenantMeter(telemetry.meter);
    const getNode = (id: string): ReturnType<Registry['getNode']> => registry.getNode(id);
    this.#sessions.watch(new AbandonedConnections({ recorder, counted, getNode, logger }));
    return sliConnections({ recorder, agentAway: (sessionId) => registry.agentAway(sessionId), counted });
  }

  async start(): Promise<{ addresses: Record<string, string> }> {
    const { scope, admin, health, telemetry } = this.#context;
    addAdminRoutes(admin.app, {
      sessions: this.#sessions,
      drain: this.#drain,
      direct: this.#direct.connections,
      bufferedBytes: () => this.#links.queuedBytes,
      onDrain: (order) => this.#onOrder(order),
      redisNow: () => this.#registry.redisNow(),
      gate: this.#wakeGuard,
      clock: systemClock,
    });
    const { boot } = this.#context;
    addEdgeAdminRoutes(admin.app, { links: this.#direct, reattacher: this.#direct, log: this.#reattachLog, boot });
    observeWorker(telemetry.meter, {
      selfId: this.#context.id,
      sessions: this.#sessions,
      drain: this.#drain,
      direct: this.#direct.connections,
      links: () => [...this.#links.readings(), this.#direct.reading()],
      suspect: () => this.#suspect,
      cordoned: () => this.#cordoned || this.#drain.state !== 'off',
      nowMs: () => systemClock.now(),
    });
    this.#reporter.start();
    // Stops after the links: what ends with them is told to the registry by releases, not by updates.
    scope.own('reporter', this.#reporter);
    const link = await this.#startLinks();
    const proxy = await this.#startProxy();
    const addresses = { proxy, link, admin: await admin.listen() };
    this.#startPresence(addresses);
    this.#wakeGuard.start();
    scope.own('wake guard', this.#wakeGuard);
    // First to stop, while the node is still in the registry as draining: its sessions can be found until they have moved.
    scope.defer('sessions', () => this.#drainToStop());
    health.check('registry', () => this.#unready());
    return { addresses };
  }

  /** Told to the registry at once: no session is placed here any more. */
  async #drainToStop(): Promise<void> {
    this.#drain.start('move');
    this.#presence?.beatSoon();
    const deadline = new AbortController();
    const late = sleep(this.#config.stopDeadlineMs * DRAIN_SHARE, deadline.signal);
    await Promise.race([this.#drain.whenEmpty(), late]);
    deadline.abort();
    this.#drain.close();
    // What is abandoned stays in the directory: it says which sessions their agents come back for.
    this.#ownership?.close();
    this.#sessions.abandonAll();
  }

  /** Told to the registry at once. @throws CulvertError fenced */
  #onOrder(order: DrainOrder): void {
    const begins = this.#drain.state === 'off';
    if (!this.#drain.order(order)) return;
    if (begins) this.#cordonSeen = false;
    this.#presence?.beatSoon();
  }

  /** For connections of this worker's own address whose session has gone elsewhere. */
  async #findRoute(sessionId: string): Promise<OwnerRoute | undefined> {
    const route = await this.#registry.route(sessionId);
    if (route?.node.link === undefined) return undefined;
    const { id, boot, link } = route.node;
    return { tenantId: route.tenantId, epoch: route.epoch, node: { id, boot, link: `${link}${LINK_PATH}` } };
  }

  get #suspect(): boolean {
    return this.#ownership?.suspect.suspect === true;
  }

  get #boot(): string {
    return this.#presence?.node.boot ?? this.#context.boot;
  }

  /** Why nothing new is let in; undefined when it is. */
  #refusing(): CulvertError | undefined {
    if (this.#context.stopping.aborted) return new CulvertError('draining', 'the worker is stopping');
    if (this.#drain.state !== 'off') return new CulvertError('draining', 'the worker is being drained');
    return this.#ownership?.refusal();
  }

  /** Why it is not ready as far as the registry goes; undefined when it is. */
  #unready(): string | undefined {
    const trouble = this.#presence?.trouble;
    if (!this.#suspect) return trouble;
    const reason = this.#ownership?.suspect.reason;
    return trouble === undefined ? reason : `${reason} (${trouble})`;
  }

  async #startProxy(): Promise<string> {
    const { logger, scope } = this.#context;
    const { proxyListen, advertiseHost } = this.#config;
    const server = new ProxyServer({ resolver: this.#direct, logger, observed: this.#observed });
    const { port } = await server.listen(proxyListen);
    scope.defer('direct connections', () => this.#direct.close());
    scope.defer('proxy server', () => server.close());
    return publishedUrl('http', { host: proxyListen.host, port }, advertiseHost);
  }

  async #startLinks(): Promise<string> {
    const { linkListen, advertiseHost } = this.#config;
    const bound = await this.#links.listen(linkListen);
    this.#context.scope.own('link server', this.#links);
    return publishedUrl('ws', bound, advertiseHost);
  }

  #startPresence(addresses: { proxy: string; link: string; admin: string }): void {
    const { id, boot, version, logger, scope } = this.#context;
    const { pool, capacity, admissionRate, advertiseHost } = this.#config;
    const host = advertiseHost ?? hostname();
    const about = { pool, host, pid: process.pid, capacity, admissionRate };
    const node: NodeInfo = { id, boot, role: 'worker', version, ...about, ...addresses };
    const presence = new NodePresence({
      registry: this.#registry,
      node,
      load: () => ({
        state: this.#nodeState(),
        sessions: this.#sessions.size,
        connections: this.#sessions.connections,
        busy: this.#sessions.busy,
        ...this.#sessions.carried,
        ...vitalsOf(this.#context.health),
      }),
      logger,
      cordoned: this.#config.cordoned,
      onReply: (reply) => this.#onBeat(reply),
      onReplaced: (error) => this.#context.fatal('the node', error),
    });
    this.#presence = presence;
    observeRegistry(this.#context.telemetry.meter, this.#registry, presence);
    const parts = { registry: this.#registry, sessions: this.#sessions, reporter: this.#reporter, presence };
    const ownership = new Ownership({ ...parts, selfId: id, clock: systemClock, logger });
    this.#ownership = ownership;
    const unsubscribe = this.#registry.onHint((hint) => {
      ownership.hear(hint);
      if (hint.kind !== 'session' || hint.owner === null) return;
      this.#direct.hint(hint.sessionId);
      this.#drain.heard(hint.sessionId, hint.owner, hint.agentId);
    });
    const unlisten = this.#registry.settings.onChange((settings) =>
      applySettings(this.#sessions, settings, pool, ROOT_KEY_ID),
    );
    presence.start();
    scope.defer('presence', async () => {
      unsubscribe();
      unlisten();
      ownership.close();
      await presence.close();
    });
    this.#startIsolation(ownership);
  }

  /** Looks whether the worker is alone in being cut off from the registry. */
  #startIsolation({ suspect }: Ownership): void {
    const { id, logger, scope } = this.#context;
    const nodes = () => this.#registry.listNodes();
    const peers = scope.own('peers', new Peers({ selfId: id, nodes, clock: systemClock, logger }));
    peers.start();
    const draining = () => this.#drain.state !== 'off' || this.#context.stopping.aborted;
    const about = { suspect, sessions: this.#sessions, peers, draining };
    scope.own('isolation', new Isolation({ ...about, clock: systemClock, logger }));
  }

  #nodeState(): NodeState {
    if (this.#drain.state === 'empty') return 'empty';
    if (this.#drain.state === 'draining' || this.#context.stopping.aborted) return 'draining';
    if (this.#suspect) return 'suspect';
    return this.#cordoned ? 'cordoned' : 'ready';
  }

  #onBeat(reply: AcceptedBeat): void {
    const changes = reply.cordoned !== this.#cordoned;
    this.#cordoned = reply.cordoned;
    // That it takes sessions again, or no more, is known once this node has said so.
    if (changes) this.#presence?.beatSoon();
    if (reply.cordoned) this.#cordonSeen = true;
    else if (this.#cordonSeen && !this.#context.stopping.aborted) this.#drain.stop();
    this.#ownership?.beaten(reply);
  }
}
