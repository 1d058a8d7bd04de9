import { CulvertError } from '@culvert/base';
import type { ProxyAccess } from '@culvert/contracts';
import { pacToken, proxySecret } from '@culvert/service';
import type { ApiDeps } from './deps.ts';
import { pick } from './placement.ts';

/** What a browser is configured with to reach a session: a gateway's proxy, or the worker's own where none is ready. */
export async function proxyAccess(deps: ApiDeps, sessionId: string, workerId: string): Promise<ProxyAccess> {
  const gateway = pick(await deps.nodes.gateways());
  const url = gateway?.proxy ?? (await deps.nodes.list()).find((node) => node.id === workerId)?.proxy;
  if (url === undefined) throw noGateway();
  return { url, username: sessionId, password: proxySecret(deps.secret, sessionId), pac: pacUrl(deps, sessionId) };
}

export function noGateway(): CulvertError {
  return new CulvertError('no_gateway_available', 'No gateway is ready.', { retryAfterSeconds: 2 });
}

/** Of the PAC file: absolute, and with a token of its own: whoever fetches a PAC file can send no key. */
export function pacUrl({ publicUrl, secret }: ApiDeps, sessionId: string): string {
  return `${publicUrl()}/v1/sessions/${sessionId}/proxy.pac?token=${pacToken(secret, sessionId)}`;
}
