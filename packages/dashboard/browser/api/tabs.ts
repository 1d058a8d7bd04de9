/** What one tab tells the others of the same browser: they share the cookie, and nothing else tells them of it. */
export type TabNews =
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'signed-out' }
  /** The sign-in was renewed: ms since 1970. */
  | { readonly kind: 'until'; readonly until: number };

const channel = new BroadcastChannel('culvert.sign-in');

export function tellTabs(news: TabNews): void {
  channel.postMessage(news);
}

/** Calls the listener with what other tabs tell. */
export function onTabNews(listener: (news: TabNews) => void): void {
  channel.addEventListener('message', ({ data }: MessageEvent<TabNews>) => listener(data));
}
