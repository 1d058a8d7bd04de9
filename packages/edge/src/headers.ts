import type { IncomingMessage } from 'node:http';

/** Header fields as they stand on the wire: name, value, name, value … */
export type RawHeaders = readonly string[];

/** Fields that concern one hop only, whether or not `Connection` names them (RFC 9110 §7.6.1, §11.7). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
]);
/** `Connection` cannot take these away: they say where the message ends and whom it is for. */
const FRAMING = new Set(['host', 'content-length', 'transfer-encoding']);
/** Beyond hop-by-hop fields, what a trailer section must not bring in late (RFC 9110 §6.5.1). */
const NOT_IN_TRAILERS = new Set([...FRAMING, 'trailer', 'x-culvert-error', 'authorization', 'content-encoding']);
/** The received protocol is always HTTP/1.1 here but for old clients, and no one's decisions hang on it. */
const VIA = ['Via', '1.1 culvert'] as const;
const METHODS_WITHOUT_CONTENT = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** The fields to send to the target: case, order and repetition kept, what was meant for the proxy left out. */
export function requestHeaders(request: IncomingMessage, authority: string): string[] {
  const nominated = nominatedFields(request.rawHeaders);
  const headers: string[] = [];
  let hostSent = false;
  let framed = false;
  let trailersWanted = false;
  eachField(request.rawHeaders, (name, value, lower) => {
    if (lower === 'host') {
      headers.push(name, authority);
      hostSent = true;
    } else if (lower === 'transfer-encoding') {
      headers.push(name, 'chunked');
      framed = true;
    } else if (lower === 'te') {
      trailersWanted ||= hasToken(value, 'trailers');
    } else if (!HOP_BY_HOP.has(lower) && (FRAMING.has(lower) || !nominated?.has(lower))) {
      // An HTTP/1.0 client cannot be sent the 100 that it would ask for (RFC 9110 §10.1.1).
      if (lower === 'expect' && request.httpVersionMinor === 0) return;
      framed ||= lower === 'content-length';
      headers.push(name, value);
    }
  });
  if (!hostSent) headers.unshift('Host', authority);
  // Said out loud, or node's client would choose chunked for a request that has no content.
  if (!framed && !METHODS_WITHOUT_CONTENT.has(request.method ?? 'GET')) headers.push('Content-Length', '0');
  if (trailersWanted) headers.push('TE', 'trailers', 'Connection', 'TE');
  headers.push(...VIA);
  return headers;
}

/** The fields to send to the browser. `chunked`: the answer will be sent chunked, so that trailers can follow. */
export function responseHeaders(response: IncomingMessage, chunked: boolean): string[] {
  const nominated = nominatedFields(response.rawHeaders);
  const headers: string[] = [];
  eachField(response.rawHeaders, (name, value, lower) => {
    if (HOP_BY_HOP.has(lower)) return;
    if (nominated?.has(lower) && !FRAMING.has(lower)) return;
    if (lower === 'trailer' && !chunked) return;
    // 204 has no content to have a length (RFC 9110 §8.6).
    if (lower === 'content-length' && response.statusCode === 204) return;
    // Only Culvert says that an error is Culvert's.
    if (lower === 'x-culvert-error') return;
    headers.push(name, value);
  });
  headers.push(...VIA);
  return headers;
}

/** The fields of an interim (1xx) answer. */
export function interimHeaders(rawHeaders: RawHeaders): string[] {
  const nominated = nominatedFields(rawHeaders);
  const headers: string[] = [];
  eachField(rawHeaders, (name, value, lower) => {
    if (!HOP_BY_HOP.has(lower) && !FRAMING.has(lower) && !nominated?.has(lower)) headers.push(name, value);
  });
  return headers;
}

/** The fields of a trailer section that may be passed on, as pairs. */
export function trailerFields(rawTrailers: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  eachField(rawTrailers, (name, value, lower) => {
    if (!HOP_BY_HOP.has(lower) && !NOT_IN_TRAILERS.has(lower)) pairs.push([name, value]);
  });
  return pairs;
}

/** Every value of a field, in order, not joined. */
export function fieldValues(rawHeaders: RawHeaders, wanted: string): string[] {
  const values: string[] = [];
  eachField(rawHeaders, (_name, value, lower) => {
    if (lower === wanted) values.push(value);
  });
  return values;
}

/** Whether a comma-separated list has `token`, in any case; parameters (`;q=1`) do not count. */
export function hasToken(list: string, token: string): boolean {
  return list.split(',').some((item) => item.split(';', 1)[0]?.trim().toLowerCase() === token);
}

function nominatedFields(rawHeaders: RawHeaders): Set<string> | undefined {
  let nominated: Set<string> | undefined;
  eachField(rawHeaders, (_name, value, lower) => {
    if (lower !== 'connection') return;
    nominated ??= new Set();
    for (const item of value.split(',')) nominated.add(item.trim().toLowerCase());
  });
  return nominated;
}

function eachField(rawHeaders: RawHeaders, visit: (name: string, value: string, lower: string) => void): void {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    visit(name, rawHeaders[at + 1] ?? '', name.toLowerCase());
  }
}
