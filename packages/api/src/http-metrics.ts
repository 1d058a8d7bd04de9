import { instruments, type Telemetry } from '@culvert/telemetry';
import type { FastifyInstance } from 'fastify';

/** Methods that have a name of their own; any other is `_OTHER`, as the semantic conventions for HTTP have it. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']);
/** For requests that no route answers: whatever they ask for, they are counted as one. */
const NO_ROUTE = '~none';

/**
 * Times the answers to requests, by the pattern of their route and never by their path. Event streams are no requests that
 * somebody waits for, and are left out.
 */
export function meterRequests(app: FastifyInstance, meter: Telemetry['meter']): void {
  const duration = instruments(meter).histogram('http.server.request.duration');
  app.addHook('onResponse', async (request, reply) => {
    if (String(reply.raw.getHeader('content-type')).startsWith('text/event-stream')) return;
    duration.record(reply.elapsedTime / 1000, {
      'http.request.method': METHODS.has(request.method) ? request.method : '_OTHER',
      'http.route': request.routeOptions.url ?? NO_ROUTE,
      'http.response.status_code': reply.statusCode,
    });
  });
}
