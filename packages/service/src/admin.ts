import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { CulvertError, type Logger } from '@culvert/base';
import type { Telemetry } from '@culvert/telemetry';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { verifyRootAdminKey } from './credentials.ts';
import type { Health } from './health.ts';
import { formatHostPort, type HostPort } from './parsers.ts';
import { answerFrameworkError, installProblems } from './problem.ts';
import type { ClusterSecret } from './secret.ts';

const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
/** What a load balancer or Prometheus asks, which hold no key. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

export interface AdminServerOptions {
  readonly listen: HostPort;
  readonly advertiseHost: string | null;
  readonly secret: ClusterSecret;
  readonly health: Health;
  readonly metrics: Pick<Telemetry, 'text'>;
  readonly logger: Logger;
}

/** The node's own HTTP endpoints. */
export interface AdminServer {
  /** Roles add their routes here, before `listen`. */
  readonly app: FastifyInstance;
  /** Starts to listen, once; the published URL, `http://host:port`. Roles call it when they need the URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export function createAdminServer(options: AdminServerOptions): AdminServer {
  const { listen, advertiseHost, health, metrics } = options;
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    frameworkErrors: answerFrameworkError,
  });
  installProblems(app, options.logger);
  app.addHook('onRequest', async (request) => authorize(request, options));
  app.get('/healthz', () => ({ alive: true }));
  app.get('/readyz', (_request, reply) => {
    const readiness = health.readiness;
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text());
  });
  let listening: Promise<string> | undefined;
  return {
    app,
    listen() {
      listening ??= app
        .listen(listen)
        .then(() => publishedUrl('http', { host: listen.host, port: portOf(app) }, advertiseHost));
      return listening;
    },
    close: () => app.close(),
  };
}

/**
 * The URL under which others reach what listens on `listen` (its real port). A wildcard address means nothing
 * elsewhere: then the machine's name stands for it, unless `advertiseHost` says better.
 */
export function publishedUrl(scheme: string, listen: HostPort, advertiseHost: string | null): string {
  const wildcard = listen.host === '0.0.0.0' || listen.host === '::';
  const host = advertiseHost ?? (wildcard ? hostname() : listen.host);
  return `${scheme}://${formatHostPort({ host, port: listen.port })}`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the admin server has no TCP address');
  return address.port;
}

/** Loopback is open to this machine; anywhere else a caller proves that it belongs to the cluster's operator. */
function authorize(request: FastifyRequest, { listen, secret }: AdminServerOptions): void {
  if (OPEN_PATHS.has(request.routeOptions.url ?? '')) return;
  if (isLoopback(listen.host)) {
    refuseForeignHost(request.hostname);
    return;
  }
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined || !verifyRootAdminKey(secret, given)) {
    throw new CulvertError('unauthenticated', "This endpoint needs the cluster's root admin key.");
  }
}

/** A web page can make a browser ask loopback under a name of its own (DNS rebinding); an address or localhost can't be that. */
function refuseForeignHost(host: string): void {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 0 && bare !== 'localhost') {
    throw new CulvertError('forbidden', 'This endpoint is asked by address or as localhost only.');
  }
}
