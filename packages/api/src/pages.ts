import { loadDashboard } from '@culvert/dashboard';
import type { FastifyInstance } from 'fastify';

/** Nothing from elsewhere, nothing inline: a text that a tenant chose can't become a script. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** The dashboard's files, read once: there are three of them, and they are small. */
export async function installPages(app: FastifyInstance): Promise<void> {
  for (const { path, type, body } of await loadDashboard()) {
    app.route({
      method: 'GET',
      url: path,
      schema: { hide: true },
      handler: (_request, reply) => reply.headers(PAGE_HEADERS).type(type).send(body),
    });
  }
}
