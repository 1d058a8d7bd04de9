import type { SessionOffer } from './api.ts';
import type { SessionInfo } from './events.ts';

/** What the agent tells of its session: the proxy as one URL that can be pasted. */
export function sessionInfoOf({ id, proxy }: SessionOffer): SessionInfo {
  const url = new URL(proxy.url);
  url.username = encodeURIComponent(proxy.username);
  url.password = encodeURIComponent(proxy.password);
  return { sessionId: id, proxy: url.href.replace(/\/$/, ''), pac: proxy.pac };
}
