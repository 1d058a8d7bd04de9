import type { Directory } from './directory.ts';
import type { RegistryStatus } from './types.ts';

export async function readStatus({ scripts, keys }: Directory): Promise<RegistryStatus> {
  const reply = await scripts.run('status', [keys.meta, keys.tenanted, keys.leases]);
  return {
    round: reply.textOr('round', null),
    since: reply.integerOr('sinceMs', null),
    recovering: reply.flag('recovering'),
    server: reply.text('server'),
    sessions: reply.integer('sessions'),
    nodes: reply.integer('nodes'),
  };
}
