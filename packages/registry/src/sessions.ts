import { CulvertError } from '@culvert/base';
import type { Directory } from './directory.ts';
import { assertId } from './keys.ts';
import { unavailable } from './redis/errors.ts';
import type { Fields } from './redis/fields.ts';
import type {
  ClaimRefusal,
  ClaimReply,
  NodeBoot,
  ReassertOutcome,
  SessionClaim,
  SessionReassert,
  SessionRelease,
  SessionUpdate,
  UpdateOutcome,
} from './types.ts';

/** Sessions per script call: Redis serves nobody else meanwhile, so a call stays well under a millisecond or two. */
const UPDATES_PER_CALL = 200;
const REASSERTS_PER_CALL = 100;

/** Epochs are at most this: 2^32 more claims fit below the largest safe integer, whatever an agent says it has seen. */
const MAX_SEEN_EPOCH = Number.MAX_SAFE_INTEGER - 2 ** 32;

const REFUSALS: readonly ClaimRefusal[] = ['fenced', 'wrong_pool', 'full', 'node_not_ready', 'limit_exceeded'];

export async function claim(directory: Directory, c: SessionClaim): Promise<ClaimReply> {
  const { connection, keys, clock, commandTimeoutMs } = directory;
  assertSession(c.sessionId, c.tenantId);
  assertEpoch('lastEpoch', c.lastEpoch);
  if (c.expectedEpoch !== undefined) assertEpoch('expectedEpoch', c.expectedEpoch);
  const reply = await connection.run(
    'claim',
    [
      keys.session(c.sessionId),
      keys.sessions,
      keys.owned,
      keys.tenanted,
      keys.nodes,
      keys.leases,
      keys.tenants,
      keys.events,
    ],
    {
      ...c,
      node: { id: c.node.id, boot: c.node.boot },
      labels: JSON.stringify(c.labels),
      notAfterMs: clock.in(commandTimeoutMs),
      channel: keys.hints,
    },
  );
  const outcome = reply.oneOf('outcome', ['claimed', 'refused', 'late']);
  if (outcome === 'late') throw late(directory);
  if (outcome === 'refused') return { outcome, reason: reply.oneOf('reason', REFUSALS) };
  const previous = reply.fieldsOr('previous', undefined);
  return {
    outcome,
    epoch: reply.integer('epoch'),
    connectedAtMs: reply.integer('connectedAtMs'),
    ...(previous ? { previous: toPrevious(previous) } : {}),
  };
}

function toPrevious(fields: Fields): { node: string; boot: string; epoch: number } {
  return { node: fields.text('node'), boot: fields.text('boot'), epoch: fields.integer('epoch') };
}

export async function updateSessions(
  directory: Directory,
  node: NodeBoot,
  updates: readonly SessionUpdate[],
): Promise<Map<string, UpdateOutcome>> {
  const { connection, keys } = directory;
  const outcomes = new Map<string, UpdateOutcome>();
  for (const some of chunks(updates, UPDATES_PER_CALL)) {
    const reply = await connection.run(
      'update',
      some.map((update) => keys.session(update.sessionId)),
      { node: { id: node.id, boot: node.boot }, updates: some },
    );
    for (const id of reply.names()) outcomes.set(id, reply.oneOf(id, ['ok', 'fenced', 'absent']));
  }
  return outcomes;
}

export async function release(directory: Directory, r: SessionRelease): Promise<'released' | 'fenced' | 'absent'> {
  const { connection, keys } = directory;
  const reply = await connection.run(
    'release',
    [keys.session(r.sessionId), keys.sessions, keys.owned, keys.tenanted, keys.events],
    { ...r, node: { id: r.node.id, boot: r.node.boot }, channel: keys.hints },
  );
  return reply.oneOf('outcome', ['released', 'fenced', 'absent']);
}

/** Rejects with `fenced` if the boot holds no lease (any more): nothing was written, beat first. */
export async function reassert(
  directory: Directory,
  node: NodeBoot,
  sessions: readonly SessionReassert[],
): Promise<Map<string, ReassertOutcome>> {
  const { connection, keys, clock, commandTimeoutMs } = directory;
  const outcomes = new Map<string, ReassertOutcome>();
  for (const some of chunks(sessions, REASSERTS_PER_CALL)) {
    for (const session of some) {
      assertSession(session.sessionId, session.tenantId);
      assertEpoch('epoch', session.epoch);
    }
    const reply = await connection.run(
      'reassert',
      [
        ...[keys.sessions, keys.owned, keys.tenanted, keys.nodes, keys.leases],
        ...some.map((session) => keys.session(session.sessionId)),
      ],
      {
        node: { id: node.id, boot: node.boot },
        notAfterMs: clock.in(commandTimeoutMs),
        channel: keys.hints,
        sessions: some.map((session) => ({ ...session, labels: JSON.stringify(session.labels) })),
      },
    );
    const outcome = reply.oneOf('outcome', ['ok', 'dead', 'late']);
    if (outcome === 'late') throw late(directory);
    if (outcome === 'dead') throw new CulvertError('fenced', 'this boot holds no lease; beat before reasserting');
    const results = reply.fields('sessions');
    for (const id of results.names()) outcomes.set(id, results.oneOf(id, ['ok', 'fenced']));
  }
  return outcomes;
}

/** Redis ran the command after its deadline, or its clock jumped: either way nothing was done. */
function late(directory: Directory): CulvertError {
  directory.clock.forget();
  return unavailable(directory.connection.address.display, 'the command reached it too late and was not carried out');
}

function assertSession(sessionId: string, tenantId: string): void {
  assertId('a session id', sessionId);
  assertId('a tenant id', tenantId);
}

function assertEpoch(what: string, epoch: number): void {
  if (Number.isSafeInteger(epoch) && epoch >= 0 && epoch <= MAX_SEEN_EPOCH) return;
  throw new CulvertError('invalid_request', `${what} must be an integer from 0 to ${MAX_SEEN_EPOCH}`);
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
