import { CulvertError } from '@culvert/base';
import type { Directory } from './directory.ts';
import { assertId } from './keys.ts';
import { Fields } from './redis/fields.ts';
import type { Beat, BeatReply, LeasedNode, NodeBoot, NodeRole, NodeState, NodeView, NodeVitals } from './types.ts';

const ROLES: readonly NodeRole[] = ['worker', 'gateway', 'api', 'deployer'];
/** A worker that has not confirmed a round by then is waited for no longer: what it holds is told when it can. */
const ROUND_MS = 60_000;
const STATES: readonly NodeState[] = ['booting', 'ready', 'cordoned', 'draining', 'empty', 'suspect'];

/** Older than any wish of an operator, newer than none. */
const FIRST_REVISION = 1;

export async function beat(
  directory: Directory,
  { node, load, confirmed, cordoned: begins }: Beat,
): Promise<BeatReply> {
  const { scripts, keys, clock, memories, table, leaseMs, newMs, lostMs } = directory;
  assertId('a node id', node.id);
  assertId('a boot id', node.boot);
  const memory = memories.of(node);
  const untold = memory.cordon.revision === 0;
  const cordon = begins === true && untold ? { revision: FIRST_REVISION, cordoned: true } : memory.cordon;
  const sentAt = clock.monotonic();
  const reply = await scripts.run(
    'beat',
    [keys.nodes, keys.leases, keys.meta, keys.settings, keys.watermarks, keys.events],
    {
      ...{ node, load, confirmed, cordon, seenMs: clock.seenMs },
      ...{ leaseMs, newMs, lostMs, roundMs: ROUND_MS },
    },
  );
  if (reply.oneOf('outcome', ['ok', 'dead']) === 'dead') return { outcome: 'dead', replaced: reply.flag('replaced') };
  const nowMs = reply.integer('nowMs');
  clock.learn(nowMs, sentAt);
  // Nobody need tell this process what it has just done itself.
  if (reply.flag('fresh')) table.doubt();
  const cordoned = reply.flag('cordoned');
  memory.cordon = { revision: reply.integer('cordonRevision'), cordoned };
  return {
    outcome: 'ok',
    missing: memory.missing(reply.integer('watermark'), reply.flag('fresh')),
    round: reply.text('round'),
    recovering: reply.flag('recovering'),
    cordoned,
    settingsRevision: reply.integer('settingsRevision'),
    nowMs,
  };
}

export async function leave({ scripts, keys, table }: Directory, node: NodeBoot): Promise<void> {
  await scripts.run('leave', [keys.nodes, keys.leases, keys.events], { id: node.id, boot: node.boot });
  table.doubt();
}

/** All nodes, or the one with this id; in the order of their ids. */
export async function readNodes(directory: Directory, id?: string): Promise<NodeView[]> {
  return (await readLeases(directory, id)).map(({ node }) => node);
}

/** As `readNodes`, with their leases. */
export async function readLeases({ scripts, keys }: Directory, id?: string): Promise<LeasedNode[]> {
  const reply = await scripts.run('list_nodes', [keys.nodes, keys.leases], { id });
  const nowMs = reply.integer('nowMs');
  return reply
    .list('nodes')
    .map((entry) => {
      const leaseEndsMs = entry.integer('leaseEndsMs');
      const node = toNodeView(Fields.parse(entry.text('record'), 'node'), leaseEndsMs > nowMs, nowMs);
      return { node, leaseEndsMs };
    })
    .sort((a, b) => (a.node.id < b.node.id ? -1 : 1));
}

export async function setCordoned(
  directory: Directory,
  id: string,
  cordoned: boolean,
  fence?: number,
): Promise<NodeView | undefined> {
  const { scripts, keys } = directory;
  const reply = await scripts.run('cordon', [keys.nodes, keys.events, keys.deploy.lease], { id, cordoned, fence });
  const outcome = reply.oneOf('outcome', ['ok', 'absent', 'fenced']);
  if (outcome === 'fenced') throw new CulvertError('fenced', 'the deploy lease is no longer held under this fence');
  if (outcome === 'absent') return undefined;
  const [node] = await readNodes(directory, id);
  return node;
}

function toNodeView(record: Fields, live: boolean, nowMs: number): NodeView {
  const said = record.oneOf('state', [...STATES, 'dead']);
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
    admissionRate: record.integerOr('admissionRate', 0), // nodes of 0.1 tell none
    state: !live ? 'dead' : cordoned && said === 'ready' ? 'cordoned' : said,
    sessions: record.integer('sessions'),
    connections: record.integer('connections'),
    cordoned,
    // The clock may go back over a failover; an age below zero would only confuse.
    leaseAgeMs: Math.max(0, nowMs - record.integer('beatAt')),
    beatAt: record.integer('beatAt'),
    ...vitalsOf(record),
  };
}

const COUNTS = ['busy', 'bytesIn', 'bytesOut', 'startedAt'] as const;

/** What nodes of earlier releases do not tell is absent; whoever tells its counts and no problems has none. */
function vitalsOf(record: Fields): NodeVitals {
  const told = COUNTS.flatMap((name) => {
    const count = record.integerOr(name, undefined);
    return count === undefined ? [] : [[name, count] as const];
  });
  const problems = record.textsOr('problems', undefined);
  return { ...Object.fromEntries(told), ...(problems === undefined ? {} : { problems }) };
}
