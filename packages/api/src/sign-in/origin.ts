import type { IncomingHttpHeaders } from 'node:http';
import { CulvertError } from '@culvert/base';

/**
 * Did a browser come by HTTPS? This process speaks plain HTTP: whoever ends TLS in front of it says so. Who says so falsely
 * gets a cookie that its own browser will not send.
 */
export function isHttps(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  if (publicUrl.startsWith('https:')) return true;
  const forwarded = headers['x-forwarded-proto'];
  return typeof forwarded === 'string' && forwarded.split(',', 1)[0]?.trim().toLowerCase() === 'https';
}

/**
 * Throws `csrf` if the browser says that a page of another site had it ask (Fetch Metadata, section 2.2; RFC 6454,
 * section 7). Programs that are no browsers say nothing of it.
 */
export function assertSameOrigin(headers: IncomingHttpHeaders, publicUrl: string): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw refusal('another site');
  if (origin === undefined || origin === URL.parse(publicUrl)?.origin) return;
  if (URL.parse(origin)?.host !== host) throw refusal(origin);
}

function refusal(from: string): CulvertError {
  return new CulvertError('csrf', `This was asked for by a page of ${from}, not by the dashboard.`, {
    fix: 'Open the dashboard at its own address; behind a load balancer, give the API its --public-url.',
  });
}
