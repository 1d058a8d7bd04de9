import type { DeploymentLogEntry } from '@culvert/contracts';

/**
 * What came to a log of which only the end is kept: `after` without what `before` showed already. Entries have no ids; the
 * longest end of `before` that `after` begins with is the same stretch.
 */
export function newEntries(
  before: readonly DeploymentLogEntry[],
  after: readonly DeploymentLogEntry[],
): readonly DeploymentLogEntry[] {
  const [old, now] = [before.map(keyOf), after.map(keyOf)];
  for (let from = 0; from < old.length; from += 1) {
    const shared = old.length - from;
    if (shared <= now.length && old.slice(from).every((key, at) => key === now[at])) return after.slice(shared);
  }
  return after;
}

function keyOf({ at, kind, node, message }: DeploymentLogEntry): string {
  return JSON.stringify([at, kind, node, message]);
}
