import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Objectives } from '@culvert/contracts';
import {
  keepSettings,
  type NodeLoad,
  NodePresence,
  observeRegistry,
  Registry,
  RouteCache,
  registryMeter,
  routeMeter,
  SnapshotFile,
} from '@culvert/registry';
import {
  addBelievedRoute,
  addRetireRoute,
  type CommonConfig,
  formatHostPort,
  type HostPort,
  hostPort,
  nullable,
  oneOf,
  publishedUrl,
  Retirement,
  RetiringServer,
  type Role,
  type RoleContext,
  reusePortOption,
  rootAdminKey,
  text,
  url,
  vitalsOf,
  WorkerClient,
} from '@culvert/service';
import { type LinksConfig, linksOf, linksOptions } from './about/options.ts';
import { type ChaosConfig, chaosOptions, createConductor } from './chaos/create.ts';
import type { LinkVia } from './deps.ts';
import { LiveNodes } from './live-nodes.ts';
import { createApiServer } from './server.ts';
import { type SignInConfig, signInOptions } from './sign-in/options.ts';
import { sloOption } from './slo/objectives-file.ts';

const ROUTES_KEPT = 10_000;
const ROUTE_TTL_MS = 2_000;

export interface ApiConfig extends ChaosConfig, SignInConfig, LinksConfig {
  readonly listen: HostPort;
  /** The API's URL as agents and browsers reach it, behind a load balancer say; null: the listen address. */
  readonly publicUrl: string | null;
  readonly linkVia: LinkVia;
  /** What customers are told instead of each gateway's own address; null: that one. */
  readonly gatewayProxyUrl: string | null;
  readonly gatewayLinkUrl: string | null;
  readonly snapshotDir: string;
  /** Listen beside other processes on the same address. */
  readonly reusePort: boolean;
  readonly slo: Objectives;
}

/** The routing and operator API, with the dashboard. */
export const apiRole: Role<ApiConfig> = {
  name: 'api',
  options: {
    listen: {
      flag: '--listen',
      env: 'CULVERT_API_LISTEN',
      parser: hostPort,
      default: { host: '127.0.0.1', port: 0 },
      doc: 'where the API and the dashboard are served',
    },
    publicUrl: {
      flag: '--public-url',
      env: 'CULVERT_PUBLIC_URL',
      parser: nullable(url('http', 'https')),
      default: null,
      doc: 'URL under which agents and browsers reach the API, if it is another than the listen address',
    },
    linkVia: {
      flag: '--link-via',
      env: 'CULVERT_LINK_VIA',
      parser: oneOf('worker', 'gateway'),
      default: 'worker',
      doc: 'whose address agents dial; gateway: where workers have no public address',
    },
    gatewayProxyUrl: {
      flag: '--gateway-proxy-url',
      env: 'CULVERT_GATEWAY_PROXY_URL',
      parser: nullable(url('http', 'https')),
      default: null,
      doc: "URL under which browsers reach the gateways' proxies, if a load balancer stands before them",
    },
    gatewayLinkUrl: {
      flag: '--gateway-link-url',
      env: 'CULVERT_GATEWAY_LINK_URL',
      parser: nullable(url('ws', 'wss')),
      default: null,
      doc: 'URL under which agents reach the gateways that pass links on, if a load balancer stands before them',
    },
    snapshotDir: {
      flag: '--snapshot-dir',
      env: 'CULVERT_SNAPSHOT_DIR',
      parser: text,
      default: join('.culvert', 'api'),
      doc: 'directory of the last settings, put back when Redis comes back without them',
    },
    reusePort: reusePortOption,
    slo: sloOption,
    ...signInOptions,
    ...linksOptions,
    ...chaosOptions,
  },
  start,
};

async function start(config: ApiConfig & CommonConfig, context: RoleContext) {
  const { scope, secret, logger, health, version, telemetry } = context;
  const { redis, redisPrefix: prefix } = config;
  const observer = registryMeter(telemetry.meter);
  const registry = scope.own('registry', Registry.connect({ url: redis, prefix, logger, observer }));
  health.check('redis', () => registry.unavailableReason);
  await keepSnapshots(registry, config.snapshotDir, context);
  const cache = { max: ROUTES_KEPT, ttlMs: ROUTE_TTL_MS, looked: routeMeter(telemetry.meter) };
  const routes = scope.own('route cache', new RouteCache(registry, cache));

  const nodes = new LiveNodes(registry, Date.now, {
    proxy: withoutSlash(config.gatewayProxyUrl),
    link: withoutSlash(config.gatewayLinkUrl),
  });
  scope.defer('node hints', hearHints(registry, nodes));
  addBelievedRoute(context.admin.app, (id) => nodes.get(id));

  let api = '';
  let presence: NodePresence | undefined;
  const retirement: Retirement = scope.own(
    'retirement',
    new Retirement({
      work: (deadline) => clients.retire(deadline),
      changed: () => presence?.beatSoon(),
      failed: (error) => context.fatal('the retirement', error),
      logger,
    }),
  );
  const chaos = createConductor(config, context, registry);
  const server = await createApiServer({
    ...(chaos ? { chaos } : {}),
    registry,
    routes,
    nodes,
    workers: new WorkerClient({ key: rootAdminKey(secret) }),
    secret,
    logger,
    linkVia: config.linkVia,
    publicUrl: () => withoutSlash(config.publicUrl) ?? api,
    now: Date.now,
    version,
    telemetry,
    objectives: config.slo,
    retiring: retirement.signal,
    node: context.id,
    links: linksOf(config),
    signInTimes: { idleMs: config.signInIdle, maxMs: config.signInMax },
    sampling: true,
  });
  const clients = new RetiringServer(server.server);
  addRetireRoute(context, retirement);
  scope.own('API server', server);
  // Passed on to net.Server.listen as it is; fastify's type does not know the option.
  const listenOptions = { ...config.listen, reusePort: config.reusePort };
  await server.listen(listenOptions);
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : config.listen.port;
  api = publishedUrl('http', { host: config.listen.host, port }, config.advertiseHost);
  logger.info({ event: 'api.listening', address: formatHostPort({ host: config.listen.host, port }) }, 'API listens');

  presence = await joinCluster(registry, context, () => ({
    ...loadOf(retirement, clients),
    ...vitalsOf(health),
  }));
  return { addresses: { api } };
}

/** Paths are put behind it. */
function withoutSlash(url: string | null): string | null {
  return url?.replace(/\/+$/, '') ?? null;
}

/** Placement is to know at once of a node that came, went or was cordoned. Returns what ends that. */
function hearHints(registry: Registry, nodes: LiveNodes): () => void {
  return registry.onHint(({ kind }) => {
    if (kind === 'node' || kind === 'reset') nodes.doubt();
  });
}

/** Whose connections are counted only while somebody waits for their end. */
function loadOf({ state }: Retirement, { connections }: RetiringServer): NodeLoad {
  if (state === 'off') return { state: 'ready', sessions: 0, connections: 0 };
  return { state: state === 'empty' ? 'empty' : 'draining', sessions: 0, connections };
}

async function keepSnapshots(registry: Registry, directory: string, context: RoleContext): Promise<void> {
  const { scope, logger, fatal, stopping } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, stopping]);
  const file = new SnapshotFile(join(directory, 'settings.json'));
  const keeper = await keepSettings({ registry, file, signal, logger });
  const done = keeper.done.catch((error: unknown) => fatal('keeping the settings snapshot', error));
  scope.defer('settings snapshot', () => {
    stop.abort();
    return done;
  });
}

async function joinCluster(registry: Registry, context: RoleContext, load: () => NodeLoad): Promise<NodePresence> {
  const { id, boot, version, scope, logger, admin } = context;
  const node = {
    ...{ id, boot, role: 'api' as const, version, pool: 'default', host: hostname(), pid: process.pid },
    ...{ capacity: 0, admissionRate: 0 },
    admin: await admin.listen(),
  };
  const onReplaced = (error: Error): void => context.fatal('the node', error);
  const presence = scope.own('presence', new NodePresence({ registry, node, load, logger, onReplaced }));
  presence.start();
  observeRegistry(context.telemetry.meter, registry, presence);
  return presence;
}
