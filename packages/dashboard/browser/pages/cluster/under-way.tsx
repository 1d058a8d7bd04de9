import type { LiveCluster } from '@culvert/contracts';
import { counted } from '../../format/quantities.ts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/page.tsx';

/** The deployments that are under way; nothing where there are none. */
export function UnderWay({ deployments }: Pick<LiveCluster, 'deployments'>) {
  if (deployments.length === 0) return null;
  return (
    <Panel title="Under way">
      <ul class="cluster-under-way">
        {deployments.map(({ id, state, version, role, pool, done, nodes }) => (
          <li key={id} class="card">
            <a href={`/deployments/${id}`}>Version {version}</a>
            <Badge state={state} />
            <span class="faint">
              {role}s, pool {pool}
            </span>
            {nodes === 0 ? null : (
              <>
                <progress value={done} max={nodes} aria-label={`Version ${version}: nodes that are done`} />
                <span>
                  {done} of {counted(nodes, 'node')} done
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
