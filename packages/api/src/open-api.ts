import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** OpenAPI of every route of `/v1`, made from their schemas: the UI at `/docs`, the document at `/docs/json`. */
export async function installOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Culvert',
        version,
        description:
          'Routing and operator API. Errors are application/problem+json with a stable `code`. ' +
          'A POST with an `Idempotency-Key` runs once.',
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'ck_…' } } },
      security: [{ key: [] }],
      tags: [
        'sessions',
        'nodes',
        'tenants',
        'keys',
        'pools',
        'events',
        'registry',
        'deployments',
        'schedules',
        'slo',
      ].map((name) => ({ name })),
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { deepLinking: true } });
}
