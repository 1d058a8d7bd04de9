import { CulvertError } from '@culvert/base';
import type { RehearsalBody } from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import { nodeIn } from '../node-access.ts';

/**
 * The pool of the worker that a rehearsal names; undefined: it names none. Rejects with `node_not_found`, or with
 * `invalid_request` for a node of another role or pool.
 */
export async function poolOfRehearsal(
  registry: Pick<Registry, 'getNode'>,
  { node, pool }: RehearsalBody,
): Promise<string | undefined> {
  if (node === undefined) return undefined;
  const found = nodeIn(await registry.getNode(node));
  if (found.role !== 'worker') {
    throw new CulvertError('invalid_request', `${node} is no worker (${found.role}); only workers hold sessions.`);
  }
  if (pool !== undefined && pool !== found.pool) {
    throw new CulvertError('invalid_request', `${node} is in the pool ${found.pool}, not in ${pool}.`);
  }
  return found.pool;
}
