import { CulvertError } from '@culvert/base';

/**
 * A PAC file that sends everything through the given proxies, the next one when one does not answer. No DIRECT at
 * its end: a request for a private name must not leak to where the browser stands.
 *
 * The script is made of addresses of our own nodes only, never of anything from the request.
 */
export function pacFile(proxies: readonly string[]): string {
  const list = proxies.map((url) => `${keyword(url)} ${address(url)}`).join('; ');
  return `function FindProxyForURL(url, host) {\n  return ${JSON.stringify(list)};\n}\n`;
}

/** Browsers speak TLS to a proxy that they are told of as HTTPS: one behind a load balancer that ends it. */
function keyword(proxy: string): 'PROXY' | 'HTTPS' {
  return proxy.startsWith('https:') ? 'HTTPS' : 'PROXY';
}

/** `host:port` of a node's proxy URL; a node that published anything else can't get it into a script. */
function address(proxy: string): string {
  const url = URL.parse(proxy);
  const port = url?.port || (url?.protocol === 'https:' ? '443' : '80');
  if (!url || !/^[A-Za-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)) {
    throw new CulvertError('internal', `a node published a proxy address that is no address: ${proxy}`);
  }
  return `${url.hostname}:${port}`;
}
