import { STATUS_CODES } from 'node:http';
import { CulvertError } from '@culvert/base';
import { answerFrameworkError, DEFAULT_OBJECTIVES, installProblems, toProblem } from '@culvert/service';
import fastify, { type FastifyInstance } from 'fastify';
import { installAccess } from './access.ts';
import { Authenticator } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { meterRequests } from './http-metrics.ts';
import { installIdempotency } from './idempotency.ts';
import { installOpenApi } from './open-api.ts';
import { installPages } from './pages.ts';
import { addAboutRoute } from './routes/about.ts';
import { addChaosRoutes } from './routes/chaos.ts';
import { addDeploymentRoutes } from './routes/deployments.ts';
import { addEventRoutes } from './routes/events.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addLiveRoutes } from './routes/live.ts';
import { addSignInRoutes } from './routes/me.ts';
import { addNodeRoutes } from './routes/nodes.ts';
import { addPoolRoutes } from './routes/pools.ts';
import { addProbeRoutes } from './routes/probes.ts';
import { addRegistryRoutes } from './routes/registry.ts';
import { addScheduleRoutes } from './routes/schedules.ts';
import { addSessionDetailRoutes } from './routes/session-details.ts';
import { addSessionLiveRoutes } from './routes/session-live.ts';
import { addSessionRoutes } from './routes/sessions.ts';
import { addSloRoutes } from './routes/slo.ts';
import { addStatusRoutes, addTenantStatusRoute } from './routes/status.ts';
import { addTenantChangeRoutes } from './routes/tenant-changes.ts';
import { addTenantUsageRoutes } from './routes/tenant-usage.ts';
import { addTenantRoutes } from './routes/tenants.ts';
import { addWindowRoutes } from './routes/windows.ts';
import { isHttps } from './sign-in/origin.ts';
import { SIGN_IN_TIMES, SignIns } from './sign-in/sign-ins.ts';
import { observeSlo } from './slo/slo-metrics.ts';
import { SloReader } from './slo/slo-reader.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
/** A year (RFC 6797, section 6.1.1). */
const HSTS = 'max-age=31536000';
/** Longer path parameters than any id: what is too long is answered as a wrong id, not as a wrong path. */
const MAX_PARAM_CHARS = 256;

/** The API as an HTTP server that does not listen yet. */
export async function createApiServer(deps: ApiDeps): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // who got through is served; the listener is closed
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    // A value of the wrong type is told, not made to fit.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerBrokenRequest,
  });
  installProblems(app, deps.logger);
  allowEmptyJson(app);
  logRequests(app, deps);
  guardAnswers(app, deps);
  if (deps.telemetry !== undefined) meterRequests(app, deps.telemetry.meter);
  await installOpenApi(app, deps.version);
  await installPages(app);
  const slo = new SloReader({
    registry: deps.registry,
    objectives: deps.objectives ?? DEFAULT_OBJECTIVES,
    now: deps.now,
  });
  if (deps.telemetry !== undefined) observeSlo(deps.telemetry, slo, deps.logger);
  addStatusRoutes(app, deps, slo.objectives);
  await app.register(
    async (v1) => {
      const { secret, registry, now, publicUrl, signInTimes: times = SIGN_IN_TIMES } = deps;
      const authenticator = new Authenticator({ secret, settings: registry.settings, now });
      const { signOuts } = registry;
      const signIns = new SignIns({ secret, signOuts, authenticator, times, publicUrl, now });
      installAccess(v1, { authenticator, signIns });
      installIdempotency(v1, { store: deps.registry.idempotency, secret: deps.secret, logger: deps.logger });
      v1.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
      addSignInRoutes(v1, { ...deps, authenticator, signIns });
      addAboutRoute(v1, deps);
      addSessionRoutes(v1, deps);
      addSessionDetailRoutes(v1, deps);
      addSessionLiveRoutes(v1, deps);
      addNodeRoutes(v1, deps);
      addPoolRoutes(v1, deps);
      addProbeRoutes(v1, deps);
      addRegistryRoutes(v1, deps);
      addTenantRoutes(v1, deps);
      addTenantChangeRoutes(v1, deps);
      addTenantUsageRoutes(v1, deps);
      addKeyRoutes(v1, deps);
      addEventRoutes(v1, deps);
      addLiveRoutes(v1, deps);
      addDeploymentRoutes(v1, deps);
      addScheduleRoutes(v1, deps);
      addWindowRoutes(v1, deps);
      addSloRoutes(v1, deps, slo);
      addTenantStatusRoute(v1, deps);
      addChaosRoutes(v1, deps);
    },
    { prefix: '/v1' },
  );
  return app;
}

/** Many clients name a content type also when they send nothing; fastify would refuse that. */
function allowEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body.toString(), done); // answers through done
  });
}

/** What browsers are to keep to, whatever the answer is. */
function guardAnswers(app: FastifyInstance, { publicUrl }: ApiDeps): void {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (isHttps(request.headers, publicUrl())) reply.header('strict-transport-security', HSTS);
  });
}

function logRequests(app: FastifyInstance, { logger }: ApiDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, principal } = request;
    const { id } = (request.params ?? {}) as { id?: string };
    const isSession = routeOptions.url?.startsWith('/v1/sessions/:id');
    logger.debug(
      {
        event: 'http.request',
        method,
        route: routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(principal ? { key_id: principal.keyId } : {}),
        ...(isSession && id !== undefined ? { session_id: id } : {}),
      },
      'request answered',
    );
  });
}

/** What Node's parser refuses never becomes a request; it gets its problem all the same. */
function answerBrokenRequest(
  thrown: Error & { code?: string },
  socket: { writable: boolean; end(text: string): unknown; destroy(): unknown },
): void {
  if (!socket.writable || thrown.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = thrown.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'bad_request';
  const problem = toProblem(new CulvertError(code), '');
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
