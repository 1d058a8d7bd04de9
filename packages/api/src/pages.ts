import { createHash } from 'node:crypto';
import { type DashboardFile, loadDashboard } from '@culvert/dashboard';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Encodings } from './pages-encoding.ts';

/** Nothing from elsewhere, nothing inline: a text that a tenant chose can't become a script. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
const FOR_EVER = 'public, max-age=31536000, immutable';
const TAG_CHARS = 22;

/** Addresses within the dashboard: the page itself finds out what to show there. */
const PLACES = ['nodes', 'sessions', 'deployments', 'events', 'slo', 'tenants', 'probes', 'about'];

/** The dashboard's files, read once: they are few, and small. */
export async function installPages(app: FastifyInstance): Promise<void> {
  const encodings = new Encodings();
  const serve = (url: string, file: DashboardFile): void => {
    const etag = `"${createHash('sha256').update(file.body).digest('base64url').slice(0, TAG_CHARS)}"`;
    app.route({
      method: 'GET',
      url,
      schema: { hide: true },
      handler: (request, reply) => send(request, reply, { file, etag, encodings }),
    });
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

interface Served {
  readonly file: DashboardFile;
  readonly etag: string;
  readonly encodings: Encodings;
}

async function send(request: FastifyRequest, reply: FastifyReply, { file, etag, encodings }: Served) {
  const { type, immutable } = file;
  reply.headers(PAGE_HEADERS).type(type).header('vary', 'accept-encoding');
  if (immutable) reply.header('cache-control', FOR_EVER);
  // Weak: the bytes differ by encoding, what they stand for does not (RFC 9110, section 8.8.1).
  reply.header('etag', `W/${etag}`);
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
  const { body, encoding } = await encodings.of(file, request.headers['accept-encoding']);
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.send(body);
}
