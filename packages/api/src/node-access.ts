import { CulvertError } from '@culvert/base';
import type { NodeView } from '@culvert/registry';

/** What the registry found under a node's id. Throws `node_not_found` for nothing. */
export function nodeIn(found: NodeView | undefined): NodeView {
  if (found) return found;
  throw new CulvertError('node_not_found');
}
