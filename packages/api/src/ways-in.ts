import type { SessionAccess } from '@culvert/contracts';
import type { SessionView } from '@culvert/registry';
import { proxySecret } from '@culvert/service';
import type { ApiDeps } from './deps.ts';
import { noGateway, pacUrl } from './proxy-access.ts';

/** Stands in the curl line for whatever the agent reaches. */
const EXAMPLE = 'http://app.example.internal/';

/** Everything that leads to a session, with its credentials. Rejects with `no_gateway_available` if nothing does. */
export async function waysIn(deps: ApiDeps, { id, node }: SessionView): Promise<SessionAccess> {
  const credentials = { username: id, password: proxySecret(deps.secret, id) };
  const withProxyUrl = (proxy: string) => ({ proxy, proxyUrl: proxyUrl(proxy, credentials) });
  const ready = await deps.nodes.gateways();
  // Behind a load balancer they share one address.
  const gateways = [...new Map(ready.map((gateway) => [gateway.proxy, gateway])).values()].map((gateway) => ({
    id: gateway.id,
    ...withProxyUrl(gateway.proxy),
  }));
  const proxy = node === null ? undefined : (await deps.nodes.list()).find((one) => one.id === node)?.proxy;
  const direct = node === null || proxy === undefined ? null : { node, ...withProxyUrl(proxy) };
  const best = gateways[0] ?? direct;
  if (best === null || best === undefined) throw noGateway();
  const curl = `curl -x ${best.proxyUrl} ${EXAMPLE}`;
  return { session: id, gateways, direct, ...credentials, pac: pacUrl(deps, id), curl };
}

function proxyUrl(proxy: string, { username, password }: { username: string; password: string }): string {
  return Object.assign(new URL(proxy), { username, password }).href;
}
