import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** The one style that Swagger UI puts into its page by script; a new version of it may have another. */
const INLINE_STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";
/** As strict as the dashboard's, and without `upgrade-insecure-requests`, which leaves the page bare where there is no HTTPS. */
const CSP =
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-hashes' ${INLINE_STYLE}; connect-src 'self'; ` +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
        'sign-in',
      ].map((name) => ({ name })),
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: CSP, uiConfig: { deepLinking: true } });
}
