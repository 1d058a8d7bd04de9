import type { LiveCluster } from '@culvert/contracts';
import { count, rate } from '../../format/quantities.ts';
import { Stat } from '../../ui/stat.tsx';

/** The cluster in a few figures. */
export function Totals({ cluster }: { readonly cluster: LiveCluster }) {
  const { sessions, busy, connections, bytesInPerSecond, bytesOutPerSecond } = cluster.totals;
  const workers = cluster.nodes.filter(({ role, state }) => role === 'worker' && state !== 'dead');
  const ready = workers.filter(({ state }) => state === 'ready').length;
  return (
    <dl class="stats">
      <Stat label="Sessions" hint="Agents that are there">
        <a href="/sessions">{count(sessions)}</a>
      </Stat>
      <Stat label="Of these busy" hint="Sessions with open connections">
        {count(busy)}
      </Stat>
      <Stat label="Connections" hint="Open now">
        {count(connections)}
      </Stat>
      <Stat label="From browsers" hint="Bytes a second, over the last beats">
        {rate(bytesInPerSecond)}
      </Stat>
      <Stat label="To browsers" hint="Bytes a second, over the last beats">
        {rate(bytesOutPerSecond)}
      </Stat>
      <Stat label="Workers ready" hint="Of those that live">
        {count(ready)} of {count(workers.length)}
      </Stat>
    </dl>
  );
}
