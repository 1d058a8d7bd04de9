import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** What the directory says of live workers is what they say themselves, once everything is over. */
export function checkRegistry({ workers, registry }: World): void {
  const wrong = (what: string): never => {
    throw new Violation('the registry agrees with the workers', what);
  };
  const { data } = registry.scripts;
  const live = workers.filter(({ process }) => !process.dead);
  for (const { process, boot, sessions } of live) {
    for (const { id, epoch } of sessions.all()) {
      const entry = data.entries.get(id) ?? wrong(`${process.name} has ${id}, of which the registry knows nothing`);
      const same = entry.node.id === process.name && entry.node.boot === boot && entry.epoch === epoch;
      if (!same) {
        wrong(`${process.name}#${boot} has ${id} under ${epoch}, the registry ${refOf(entry)} under ${entry.epoch}`);
      }
    }
  }
  for (const entry of data.entries.values()) {
    const owner = live.find(({ process, boot }) => process.name === entry.node.id && boot === entry.node.boot);
    if (owner !== undefined && owner.sessions.get(entry.sessionId) === undefined) {
      wrong(`the registry has ${entry.sessionId} at ${refOf(entry)}, which knows nothing of it`);
    }
  }
  if (!data.round?.whole) wrong('after all, it does not know whether it is whole');
}

function refOf({ node }: { readonly node: { readonly id: string; readonly boot: string } }): string {
  return `${node.id}#${node.boot}`;
}
