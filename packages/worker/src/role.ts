import { hostname } from 'node:os';
import { CulvertError, sleep } from '@culvert/base';
import { meterMetrics, ProxyServer } from '@culvert/edge';
import { type AcceptedBeat, type NodeInfo, NodePresence, Registry } from '@culvert/registry';
import {
  type CommonConfig,
  type HostPort,
  hostPort,
  integer,
  poolOption,
  publishedUrl,
  ROOT_KEY_ID,
  type Role,
  type RoleContext,
} from '@culvert/service';
import { addAdminRoutes } from './admin-routes.ts';
import { applySettings } from './apply-settings.ts';
import { DirectEdge } from './direct.ts';
import { LinkServer } from './link-server.ts';
import { Reporter } from './reporter.ts';
import { Sessions } from './sessions.ts';
import { observeWorker } from './worker-metrics.ts';

export interface WorkerConfig {
  readonly pool: string;
  readonly capacity: number;
  readonly proxyListen: HostPort;
  readonly linkListen: HostPort;
}

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
  readonly #direct: DirectEdge;
  #presence: NodePresence | undefined;
  #cordoned = false;

  constructor(config: WorkerConfig & CommonConfig, context: RoleContext) {
    this.#config = config;
    this.#context = context;
    const { logger, scope, id, secret, version } = context;
    const { pool } = config;
    // The registry closes last of all: every session that ends on the way is still released there.
    this.#registry = scope.own('registry', Registry.connect({ url: config.redis, prefix: config.redisPrefix, logger }));
    const node = () => ({ id, boot: this.#boot });
    this.#sessions = new Sessions({
      registry: this.#registry,
      node,
      pool,
      logger,
      now: () => Date.now(),
      changed: (actor) => this.#reporter.changed(actor),
    });
    this.#reporter = new Reporter({ registry: this.#registry, sessions: () => this.#sessions, node, pool, logger });
    this.#direct = new DirectEdge(this.#sessions, secret);
    this.#links = new LinkServer({
      nodeId: id,
      boot: () => this.#boot,
      software: `culvert/${version}`,
      secret,
      sessions: this.#sessions,
      logger,
      refusing: () => this.#refusing(),
    });
  }

  async start(): Promise<{ addresses: Record<string, string> }> {
    const { scope, admin, health, metrics } = this.#context;
    addAdminRoutes(admin.app, this.#sessions, () => this.#links.queuedBytes);
    observeWorker(metrics.meter, this.#sessions, () => this.#links.links);
    this.#reporter.start();
    // Stops after the links: what ends with them is told to the registry by releases, not by updates.
    scope.own('reporter', this.#reporter);
    const link = await this.#startLinks();
    const proxy = await this.#startProxy();
    const addresses = { proxy, link, admin: await admin.listen() };
    this.#startPresence(addresses);
    // First to stop, while the node is still in the registry as draining: its busy sessions can be found until they end.
    scope.defer('sessions', () => this.#drain());
    health.check('registry', () => this.#presence?.trouble);
    return { addresses };
  }

  /** Told to the registry at once: no session is placed here any more. */
  async #drain(): Promise<void> {
    this.#presence?.beatSoon();
    const deadline = new AbortController();
    const late = sleep(this.#config.stopDeadlineMs * DRAIN_SHARE, deadline.signal);
    await Promise.race([this.#sessions.drain(), late]);
    deadline.abort();
  }

  get #boot(): string {
    return this.#presence?.node.boot ?? this.#context.boot;
  }

  /** Why nothing new is let in; undefined when it is. */
  #refusing(): CulvertError | undefined {
    if (this.#context.stopping.aborted) return new CulvertError('draining', 'the worker is stopping');
    return undefined;
  }

  async #startProxy(): Promise<string> {
    const { logger, metrics, scope } = this.#context;
    const { proxyListen, advertiseHost } = this.#config;
    const server = new ProxyServer({ resolver: this.#direct, logger, metrics: meterMetrics(metrics.meter) });
    const { port } = await server.listen(proxyListen);
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
    const { id, boot, version, logger, scope, stopping } = this.#context;
    const { pool, capacity, advertiseHost } = this.#config;
    const host = advertiseHost ?? hostname();
    const node: NodeInfo = { id, boot, role: 'worker', version, pool, host, pid: process.pid, capacity, ...addresses };
    const presence = new NodePresence({
      registry: this.#registry,
      node,
      load: () => ({
        state: stopping.aborted ? 'draining' : this.#cordoned ? 'cordoned' : 'ready',
        sessions: this.#sessions.size,
        connections: this.#sessions.connections,
      }),
      logger,
      onReply: (reply) => this.#onBeat(reply),
    });
    this.#presence = presence;
    const unsubscribe = this.#registry.onHint((hint) => {
      if (hint.kind === 'session' && hint.owner !== null && hint.owner !== id) {
        this.#sessions.fence(hint.sessionId, hint.epoch);
      }
    });
    const unlisten = this.#registry.settings.onChange((settings) =>
      applySettings(this.#sessions, settings, pool, ROOT_KEY_ID),
    );
    presence.start();
    scope.defer('presence', async () => {
      unsubscribe();
      unlisten();
      await presence.close();
    });
  }

  #onBeat(reply: AcceptedBeat): void {
    this.#cordoned = reply.cordoned;
    if (!reply.fresh || this.#sessions.size === 0) return;
    void this.#reporter.reassertAll().catch((error: unknown) => this.#context.fatal('reasserting sessions', error));
  }
}
