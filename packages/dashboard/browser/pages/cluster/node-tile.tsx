import type { LiveNode } from '@culvert/contracts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { count, counted, rate } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Badge } from '../../ui/badge.tsx';
import { CapacityBar } from './capacity-bar.tsx';
import { NodeButtons } from './node-buttons.tsx';
import { HealthReasons } from './node-health.tsx';

interface NodeTileProps {
  readonly node: LiveNode;
  /** Its connections over the last minute. */
  readonly history: readonly number[];
  /** Nodes of another version stand beside it. */
  readonly mixed: boolean;
  /** May the person change something? */
  readonly operate: boolean;
}

/** One node at a glance. */
export function NodeTile({ node, history, mixed, operate }: NodeTileProps) {
  const carries = node.role === 'worker' || node.role === 'gateway';
  return (
    <article class={`card cluster-tile ${node.health.level}`} aria-label={node.id}>
      <header>
        <h3>
          <a href={`/nodes/${node.id}`}>{node.id}</a>
        </h3>
        <Badge state={node.state} />
      </header>
      <p class="faint">
        version <span class={mixed ? 'cluster-version mixed' : 'cluster-version'}>{node.version}</span> ·{' '}
        <span title="Since its last beat; a node is dead when this comes to its lease">
          beat {duration(node.leaseAgeMs)} ago
        </span>
      </p>
      <CapacityBar node={node} />
      {node.role === 'worker' ? <p>{sessionsOf(node)}</p> : null}
      {carries ? <Traffic node={node} history={history} /> : null}
      <HealthReasons health={node.health} />
      {operate ? <NodeButtons node={node} /> : null}
    </article>
  );
}

function Traffic({ node, history }: Pick<NodeTileProps, 'node' | 'history'>) {
  const { connections, bytesInPerSecond, bytesOutPerSecond } = node;
  const range = `from ${count(Math.min(...history))} to ${count(Math.max(...history))}`;
  return (
    <>
      <p>{counted(connections, 'connection')}</p>
      {bytesInPerSecond === null || bytesOutPerSecond === null ? null : (
        <p title="From the browsers, and to them">
          in {rate(bytesInPerSecond)} · out {rate(bytesOutPerSecond)}
        </p>
      )}
      {history.length < 2 ? null : <Sparkline label={`Connections, last minute: ${range}`} values={history} />}
    </>
  );
}

/** `412 idle · 7 busy`, or their number alone from a release that does not tell. */
export function sessionsOf({ idle, busy, sessions, capacity }: LiveNode): string {
  const of = ` of ${count(capacity)}`;
  return idle === null || busy === null
    ? `${counted(sessions, 'session')}${of}`
    : `${count(idle)} idle · ${count(busy)} busy${of}`;
}
