import type { ClusterEvent, ClusterEventList } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { Poller } from './poller.ts';

const EVERY_MS = 2_000;
const PAGE = 200;
/** What a plot marks: what people and faults did to the cluster, not what became of each session. */
const TYPES = 'deployment.*,node.state,registry.*,chaos.*';

/** Tells what happens in the cluster from now on, and how long ago, ms. Looks once more when it is disposed of. */
export function watchEvents(api: ApiClient, tell: (text: string, agoMs: number) => void): AsyncDisposable {
  let after = String(Date.now());
  const look = async (): Promise<void> => {
    const path = `/events?format=json&order=asc&limit=${PAGE}&types=${encodeURIComponent(TYPES)}&after=${after}`;
    const { items } = await api.call<ClusterEventList>('GET', path);
    const now = Date.now(); // once: events of one moment keep their order
    for (const event of items) {
      after = event.id;
      const text = wordsOf(event);
      if (text !== undefined) tell(text, Math.max(0, now - Date.parse(event.at)));
    }
  };
  const poller = new Poller(EVERY_MS, look);
  return {
    async [Symbol.asyncDispose]() {
      await poller[Symbol.asyncDispose]();
      await look().catch(() => undefined); // the cluster may be gone: what was seen is told
    },
  };
}

function wordsOf(event: ClusterEvent): string | undefined {
  switch (event.type) {
    case 'deployment.created':
      return `deployment of ${event.version}`;
    case 'deployment.state':
      return `deployment ${event.state}`;
    case 'node.state':
      return event.state === 'dead' || event.state === 'suspect' ? `${event.node} ${event.state}` : undefined;
    case 'registry.recovering':
      return 'registry lost its data';
    case 'registry.recovered':
      return 'registry recovered';
    case 'unknown':
      return event.name.startsWith('chaos.') ? event.name : undefined;
    default:
      return event.type.startsWith('chaos.') ? event.type : undefined;
  }
}
