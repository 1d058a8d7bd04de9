import type { Directory } from './directory.ts';
import { assertId } from './keys.ts';
import { Fields } from './redis/fields.ts';
import type { BeatReply, NodeBoot, NodeInfo, NodeLoad, NodeRole, NodeState, NodeView } from './types.ts';

const ROLES: readonly NodeRole[] = ['worker', 'gateway', 'api', 'deployer'];
const STATES: readonly NodeState[] = ['booting', 'ready', 'cordoned', 'draining', 'empty', 'suspect'];

export async function beat(directory: Directory, node: NodeInfo, load: NodeLoad): Promise<BeatReply> {
  const { connection, keys, clock, generation, leaseMs } = directory;
  assertId('a node id', node.id);
  assertId('a boot id', node.boot);
  const sentAt = clock.monotonic();
  const reply = await connection.run('beat', [keys.nodes, keys.leases, keys.meta, keys.settings, keys.events], {
    node,
    load,
    leaseMs,
    channel: keys.hints,
  });
  if (reply.oneOf('outcome', ['ok', 'dead']) === 'dead') return { outcome: 'dead', replaced: reply.flag('replaced') };
  const nowMs = reply.integer('nowMs');
  clock.learn(nowMs, sentAt);
  generation.saw(reply.text('generation'));
  return {
    outcome: 'ok',
    fresh: reply.flag('fresh'),
    cordoned: reply.flag('cordoned'),
    settingsRevision: reply.integer('settingsRevision'),
    nowMs,
  };
}

export async function leave(directory: Directory, node: NodeBoot): Promise<void> {
  const { connection, keys } = directory;
  await connection.run('leave', [keys.nodes, keys.leases, keys.events], {
    id: node.id,
    boot: node.boot,
    channel: keys.hints,
  });
}

/** All nodes, or the one with this id; in the order of their ids. */
export async function readNodes(directory: Directory, id?: string): Promise<NodeView[]> {
  const { connection, keys } = directory;
  const reply = await connection.run('list_nodes', [keys.nodes, keys.leases], { id });
  const nowMs = reply.integer('nowMs');
  return reply
    .list('nodes')
    .map((entry) => toNodeView(Fields.parse(entry.text('record'), 'node'), entry.flag('live'), nowMs))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function setCordoned(directory: Directory, id: string, cordoned: boolean): Promise<NodeView | undefined> {
  const { connection, keys } = directory;
  const reply = await connection.run('cordon', [keys.nodes, keys.events], { id, cordoned, channel: keys.hints });
  if (reply.oneOf('outcome', ['ok', 'absent']) === 'absent') return undefined;
  const [node] = await readNodes(directory, id);
  return node;
}

function toNodeView(record: Fields, live: boolean, nowMs: number): NodeView {
  const said = record.oneOf('state', STATES);
  const cordoned = record.flag('cordoned');
  const proxy = record.textOr('proxy', undefined);
  const link = record.textOr('link', undefined);
  return {
    id: record.text('id'),
    boot: record.text('boot'),
    role: record.oneOf('role', ROLES),
    version: record.text('version'),
    pool: record.text('pool'),
    host: record.text('host'),
    pid: record.integer('pid'),
    ...(proxy === undefined ? {} : { proxy }),
    ...(link === undefined ? {} : { link }),
    admin: record.text('admin'),
    capacity: record.integer('capacity'),
    state: !live ? 'dead' : cordoned && said === 'ready' ? 'cordoned' : said,
    sessions: record.integer('sessions'),
    connections: record.integer('connections'),
    cordoned,
    // The clock may go back over a failover; an age below zero would only confuse.
    leaseAgeMs: Math.max(0, nowMs - record.integer('beatAt')),
  };
}
