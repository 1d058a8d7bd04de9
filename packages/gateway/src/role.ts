import { hostname } from 'node:os';
import { CulvertError } from '@culvert/base';
import {
  addEdgeAdminRoutes,
  CanaryLoad,
  CarriedBytes,
  loggedConnections,
  meteredConnections,
  ObservedConnections,
  ProxyServer,
  sliConnections,
  tenantMeter,
  tracedConnections,
  type WorkerLinks,
} from '@culvert/edge';
import {
  NodePresence,
  type NodeState,
  observeRegistry,
  Registry,
  RouteCache,
  registryMeter,
  routeMeter,
} from '@culvert/registry';
import {
  addBelievedRoute,
  addRetireRoute,
  type CommonConfig,
  countSli,
  type HostPort,
  hostPort,
  integer,
  nullable,
  publishedUrl,
  type Retirement,
  type Role,
  type RoleContext,
  resumeWindowOption,
  reusePortOption,
  vitalsOf,
} from '@culvert/service';
import { observeGateway } from './gateway-metrics.ts';
import { createLinks, hearHints } from './links.ts';
import { PassThrough } from './pass-through.ts';
import { createRetirement } from './retire.ts';
import { routeFinder } from './routes.ts';
import { type KnownSession, SessionResolver } from './session-resolver.ts';
import { WorkerDirectory } from './worker-directory.ts';

export interface GatewayConfig {
  readonly proxyListen: HostPort;
  /** Where agents' links pass through to workers; null: not offered. */
  readonly linkListen: HostPort | null;
  /** Browser connections at once. */
  readonly maxConnections: number;
  readonly resumeWindowMs: number;
  /** Listen beside other processes on the same addresses. */
  readonly reusePort: boolean;
}

type Config = GatewayConfig & CommonConfig;

/** Routes kept; each is some 300 bytes. */
const MAX_ROUTES = 100_000;
/** How long a route is believed without a hint: bounds what a lost hint costs before a worker says wrong_owner. */
const ROUTE_TTL_MS = 30_000;
/** For Redis's first answer, before the addresses of another are shared. */
const REGISTRY_WAIT_MS = 10_000;
/** Left of the stop deadline for what comes after the proxy, ms. */
const STOP_RESERVE_MS = 2_000;

/** The stateless proxy that browsers use: credentials in, the owner's link out. */
export const gatewayRole: Role<GatewayConfig> = {
  name: 'gateway',
  options: {
    proxyListen: {
      flag: '--proxy-listen',
      env: 'CULVERT_PROXY_LISTEN',
      parser: hostPort,
      default: { host: '127.0.0.1', port: 0 },
      doc: 'where browsers reach the proxy',
    },
    linkListen: {
      flag: '--link-listen',
      env: 'CULVERT_LINK_LISTEN',
      parser: nullable(hostPort),
      default: null,
      doc: "where agents' links pass through to workers that have no public address; off unless given",
    },
    maxConnections: {
      flag: '--max-connections',
      env: 'CULVERT_MAX_CONNECTIONS',
      parser: integer(1, 1_000_000),
      default: 10_000,
      doc: 'browser connections at once; more are answered with 429',
    },
    resumeWindowMs: resumeWindowOption,
    reusePort: reusePortOption,
  },
  start,
};

/**
 * What is started first is ended last: the links carry the proxy's connections, the routes come from the registry. The
 * presence is the first to go, so that nobody is sent here any more while the running requests end.
 */
async function start(config: Config, context: RoleContext): Promise<{ addresses: Record<string, string> }> {
  const { scope, logger, stopping, admin, boot, telemetry } = context;
  const { meter } = telemetry;
  const { redis: url, redisPrefix: prefix } = config;
  const registry = scope.own('registry', Registry.connect({ url, prefix, logger, observer: registryMeter(meter) }));
  const cache = { max: MAX_ROUTES, ttlMs: ROUTE_TTL_MS, looked: routeMeter(meter) };
  const routes = scope.own('routes', new RouteCache(registry, cache));
  const { tracing, tracer } = context.telemetry;
  const traced = tracing ? [tracedConnections(tracer, context.id)] : [];
  const recorder = countSli(context, registry.sli);
  const agentAway = (sessionId: string): Promise<boolean> => registry.agentAway(sessionId);
  const counted = sliConnections({ recorder, agentAway, counted: tenantMeter(meter) });
  const canaries = new CanaryLoad();
  const told = [...traced, loggedConnections(logger)];
  const carried = new CarriedBytes();
  const observed = new ObservedConnections(meteredConnections(meter), counted, canaries, carried, ...told);
  const { links, reattacher, log } = createLinks(config.resumeWindowMs, context, { routes, observed });
  scope.own('worker links', links);
  scope.own('reattacher', reattacher);
  scope.defer('hints', hearHints(registry, reattacher));
  addEdgeAdminRoutes(admin.app, { links, reattacher, log, boot });
  addBelievedRoute(admin.app, (id) => registry.believedNode(id));
  let presence: NodePresence | undefined;
  const passThrough = createPassThrough(context, registry);
  observeGateway(meter, { links, passThrough });
  const proxy = createProxy(config, context, { registry, routes, links, observed });
  const retirement = createRetirement({ context, proxy, passThrough, changed: () => presence?.beatSoon() });
  addRetireRoute(context, retirement);
  if (config.reusePort) await answering(registry, context);
  const link = config.linkListen === null ? undefined : await listen('ws', passThrough, config.linkListen, config);
  scope.defer('proxy', () => proxy.close(Math.max(0, config.stopDeadlineMs - STOP_RESERVE_MS)));
  stopping.addEventListener('abort', () => proxy.drain());
  const addresses = {
    proxy: await listen('http', proxy, config.proxyListen, config),
    ...(link === undefined ? {} : { link }),
  };
  presence = await startPresence({ context, registry, proxy, canaries, carried, retirement, addresses });
  observeRegistry(meter, registry, presence);
  return { addresses };
}

/** Whoever listens beside another takes part of its browsers from that moment on: not before Redis can be asked. */
async function answering(registry: Registry, { stopping, logger }: RoleContext): Promise<void> {
  try {
    await registry.waitUntilAvailable(AbortSignal.any([stopping, AbortSignal.timeout(REGISTRY_WAIT_MS)]));
  } catch (error) {
    logger.warn({ event: 'node.unready', err: error }, 'listening before Redis has answered');
  }
}

/** The published address. */
async function listen(
  scheme: 'http' | 'ws',
  server: Pick<ProxyServer, 'listen'>,
  address: HostPort,
  { reusePort, advertiseHost }: Config,
): Promise<string> {
  const { port } = await server.listen({ ...address, reusePort });
  return publishedUrl(scheme, { host: address.host, port }, advertiseHost);
}

interface ProxyParts {
  readonly registry: Registry;
  readonly routes: RouteCache;
  readonly links: WorkerLinks;
  readonly observed: ObservedConnections;
}

function createProxy(
  config: Config,
  context: RoleContext,
  { registry, routes, links, observed }: ProxyParts,
): ProxyServer {
  const { secret, logger } = context;
  const findSession = async (sessionId: string): Promise<KnownSession | undefined> => {
    const session = await registry.getSession(sessionId);
    return session === undefined ? undefined : { tenantId: session.tenant, ownerless: session.node === null };
  };
  return new ProxyServer({
    resolver: new SessionResolver({ secret, links, logger, findRoute: routeFinder(routes), findSession }),
    logger,
    observed,
    maxConnections: config.maxConnections,
  });
}

function createPassThrough({ scope, secret, logger, stopping }: RoleContext, registry: Registry): PassThrough {
  const workers = new WorkerDirectory({ getNode: (id) => registry.getNode(id) });
  const refusing = (): CulvertError | undefined => (stopping.aborted ? new CulvertError('draining') : undefined);
  return scope.own('link pass-through', new PassThrough({ secret, workers, logger, refusing }));
}

interface PresenceParts {
  readonly context: RoleContext;
  readonly registry: Registry;
  readonly proxy: ProxyServer;
  readonly canaries: CanaryLoad;
  readonly carried: CarriedBytes;
  readonly retirement: Retirement;
  readonly addresses: { readonly proxy: string; readonly link?: string };
}

async function startPresence({
  context,
  registry,
  proxy,
  canaries,
  carried,
  retirement,
  addresses,
}: PresenceParts): Promise<NodePresence> {
  const { id, boot, version, admin, health, scope, logger, stopping } = context;
  let seen = false;
  // Once it has worked, an outage of Redis takes no gateway out of service: known routes go on.
  health.check('registry', () => (seen ? undefined : (presence.trouble ?? 'the registry has not answered yet')));
  const presence = new NodePresence({
    registry,
    logger,
    node: {
      id,
      boot,
      version,
      role: 'gateway',
      pool: 'default',
      host: hostname(),
      pid: process.pid,
      admin: await admin.listen(),
      capacity: 0,
      admissionRate: 0,
      ...addresses,
    },
    load: () => ({
      state: stateOf(retirement, stopping),
      sessions: 0,
      connections: Math.max(0, proxy.connections - canaries.connections),
      ...carried.read(),
      ...vitalsOf(health),
    }),
    onReply: () => {
      seen = true;
    },
    onReplaced: (error) => context.fatal('the node', error),
  });
  scope.own('presence', presence).start();
  return presence;
}

function stateOf({ state }: Retirement, stopping: AbortSignal): NodeState {
  if (state === 'empty') return 'empty';
  return state === 'retiring' || stopping.aborted ? 'draining' : 'ready';
}
