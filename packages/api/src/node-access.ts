import { CulvertError } from '@culvert/base';
import type { NodeView, Registry } from '@culvert/registry';

/** What the registry found under a node's id. Throws `node_not_found` for nothing. */
export function nodeIn(found: NodeView | undefined): NodeView {
  if (found) return found;
  throw new CulvertError('node_not_found');
}

/** Rejects with `node_not_found`, with `invalid_request` for a node of another role, `node_unreachable` for a dead one. */
export async function liveWorker(registry: Pick<Registry, 'getNode'>, id: string): Promise<NodeView> {
  const node = nodeIn(await registry.getNode(id));
  if (node.role !== 'worker') {
    throw new CulvertError('invalid_request', `${id} is no worker (${node.role}); only workers hold sessions.`);
  }
  if (node.state === 'dead') {
    throw new CulvertError('node_unreachable', `${id} is dead; its sessions go elsewhere by themselves.`);
  }
  return node;
}
