import { setImmediate } from 'node:timers/promises';
import type { Registry } from '../registry.ts';
import type { NodeBoot } from '../types.ts';

/** Resolves once Redis itself says that the boot's lease has lapsed. */
export async function lapsed(registry: Registry, node: NodeBoot): Promise<void> {
  for (;;) {
    const view = await registry.getNode(node.id);
    if (view?.boot === node.boot && view.state === 'dead') return;
    await setImmediate();
  }
}
