import type { LiveNode } from '@culvert/contracts';
import { useRef } from 'preact/hooks';
import { useMay } from '../../api/me.ts';
import { counted } from '../../format/quantities.ts';
import { Panel } from '../../ui/page.tsx';
import { groupNodes, type NodeGroup, titleOf } from './node-groups.ts';
import { extendHistory, type NodeHistory } from './node-history.ts';
import { NodeTile } from './node-tile.tsx';
import { type PinnedTenants, usePinnedTenants } from './pinned-tenants.ts';

const NO_NODES: readonly LiveNode[] = [];
const NOTHING: readonly number[] = [];

/** Every node, by role and pool. */
export function NodeTiles({ nodes }: { readonly nodes: readonly LiveNode[] }) {
  const history = useHistory(nodes);
  const pinned = usePinnedTenants();
  const { operate } = useMay();
  return (
    <div class="cluster-groups">
      {groupNodes(nodes).map((group) => (
        <div key={group.key} {...widthOf(group)}>
          <Panel title={titleOf(group)} actions={<Versions group={group} />}>
            {group.role === 'worker' ? <Pinned pinned={pinned} pool={group.pool} /> : null}
            <Tiles group={group} history={history} operate={operate} />
          </Panel>
        </div>
      ))}
    </div>
  );
}

/** Groups of a node or two share a row. */
const FEW = 2;
const TILE_REM = 17;

function widthOf({ role, nodes }: NodeGroup) {
  if (role === 'worker' || nodes.length > FEW) return { class: 'cluster-group whole' };
  return { class: 'cluster-group', style: { flex: `${nodes.length} 1 ${nodes.length * TILE_REM}rem` } };
}

interface TilesProps {
  readonly group: NodeGroup;
  readonly history: NodeHistory;
  readonly operate: boolean;
}

function Tiles({ group, history, operate }: TilesProps) {
  return (
    <div class="cluster-tiles">
      {group.nodes.map((node) => (
        <NodeTile
          key={`${node.id}#${node.boot}`}
          node={node}
          history={history.get(node.id) ?? NOTHING}
          mixed={group.versions.length > 1}
          operate={operate}
        />
      ))}
    </div>
  );
}

/** A single node tells its version itself. */
function Versions({ group }: { readonly group: NodeGroup }) {
  const { nodes, versions } = group;
  if (nodes.length < 2) return null;
  const told =
    versions.length === 1
      ? `version ${versions[0]?.version}`
      : versions.map(({ version, nodes: many }) => `${many} × ${version}`).join(', ');
  return (
    <span class="faint">
      {counted(nodes.length, 'node')}, {told}
    </span>
  );
}

function Pinned({ pinned, pool }: { readonly pinned: PinnedTenants; readonly pool: string }) {
  const tenants = pinned.get(pool);
  if (tenants === undefined) return null;
  return (
    <p class="faint">
      Pinned to it:{' '}
      {tenants.map((id, index) => (
        <span key={id}>
          {index > 0 ? ', ' : ''}
          <a href={`/tenants/${id}`}>{id}</a>
        </span>
      ))}
    </p>
  );
}

/** Kept beside the state: it comes with the nodes, and must not have the page drawn a second time. */
function useHistory(nodes: readonly LiveNode[]): NodeHistory {
  const kept = useRef<{ nodes: readonly LiveNode[]; history: NodeHistory }>({ nodes: NO_NODES, history: new Map() });
  if (kept.current.nodes !== nodes) kept.current = { nodes, history: extendHistory(kept.current.history, nodes) };
  return kept.current.history;
}
