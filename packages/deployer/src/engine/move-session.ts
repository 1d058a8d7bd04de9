import { SessionAsker, type SessionOwner, type WorkerClient } from '@culvert/service';
import type { EngineRegistry, MoveSession } from './world.ts';

/** Asks the session where the registry has it; rejects only when the registry cannot be asked. */
export function sessionMover(
  registry: Pick<EngineRegistry, 'getSession' | 'getNode' | 'redisNow'>,
  workers: Pick<WorkerClient, 'ask'>,
): MoveSession {
  const findOwner = async (id: string): Promise<SessionOwner | undefined> => {
    const session = await registry.getSession(id);
    const node = session?.node == null ? undefined : await registry.getNode(session.node);
    return session && node && { node: node.id, admin: node.admin, epoch: session.epoch };
  };
  const asker = new SessionAsker({ workers, findOwner, redisNow: () => registry.redisNow() });
  return async (id, to) => (await asker.ask(id, { kind: 'move', to })).outcome;
}
