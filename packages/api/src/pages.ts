import { type DashboardFile, loadDashboard } from '@culvert/dashboard';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Nothing from elsewhere, nothing inline: a text that a tenant chose can't become a script. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Addresses within the dashboard: the page itself finds out what to show there. */
const PLACES = ['nodes', 'sessions', 'deployments', 'events', 'slo', 'tenants', 'probes', 'about'];

/** The dashboard's files, read once: they are few, and small. */
export async function installPages(app: FastifyInstance): Promise<void> {
  const serve = (url: string, file: DashboardFile): void => {
    app.route({ method: 'GET', url, schema: { hide: true }, handler: (_request, reply) => send(reply, file) });
  };
  for (const file of await loadDashboard()) {
    serve(file.path, file);
    if (file.path !== '/') continue;
    for (const place of PLACES) {
      serve(`/${place}`, file);
      serve(`/${place}/*`, file);
    }
  }
}

function send(reply: FastifyReply, { type, body, immutable }: DashboardFile): FastifyReply {
  reply.headers(PAGE_HEADERS).type(type);
  if (immutable) reply.header('cache-control', FOR_EVER);
  return reply.send(body);
}
