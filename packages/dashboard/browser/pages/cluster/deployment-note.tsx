import type { LiveNode } from '@culvert/contracts';
import { useLiveCluster } from '../../api/live.ts';

/** Warns who is about to do by hand what a deployment is doing in the same pool. */
export function DeploymentNote({ node }: { readonly node: LiveNode }) {
  const found = useLiveCluster()?.deployments.find(({ role, pool }) => role === node.role && pool === node.pool);
  if (found === undefined) return null;
  return (
    <p class="warn">
      <span aria-hidden="true">▲</span> <a href={`/deployments/${found.id}`}>Version {found.version}</a> is being
      deployed in this pool, and may want something else of this node: pause it first.
    </p>
  );
}
