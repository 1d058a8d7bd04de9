import { CulvertError } from '@culvert/base';
import type { Directory } from './directory.ts';
import { assertId } from './keys.ts';
import type { Fields } from './redis/fields.ts';
import type {
  ClaimRefusal,
  ClaimReply,
  LostOperation,
  NodeBoot,
  PreviousOwner,
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

const REFUSALS: readonly ClaimRefusal[] = [
  'fenced',
  'wrong_pool',
  'full',
  'node_not_ready',
  'limit_exceeded',
  'recovering',
];

export async function claim(directory: Directory, c: SessionClaim): Promise<ClaimReply> {
  const { scripts, keys, memories, settingsRevision } = directory;
  assertSession(c.sessionId, c.tenantId);
  assertEpoch('lastEpoch', c.lastEpoch);
  if (c.expectedEpoch !== undefined) assertEpoch('expectedEpoch', c.expectedEpoch);
  const { id, boot } = c.node;
  const memory = memories.of(c.node);
  const stamp = memory.next();
  const entry = [keys.session(c.sessionId), keys.owned, keys.tenanted];
  const rules = [keys.nodes, keys.leases, keys.settings, keys.tenants, keys.meta];
  const reply = await scripts.run('claim', [...entry, ...rules, keys.watermarks, keys.events, keys.reserved(id)], {
    ...c,
    ...stamp,
    node: { id, boot },
    settingsRevision: settingsRevision(),
  });
  const outcome = reply.oneOf('outcome', ['claimed', 'refused']);
  if (outcome === 'refused') return { outcome, reason: reply.oneOf('reason', REFUSALS) };
  const epoch = reply.integer('epoch');
  memory.acknowledged(stamp, [{ sessionId: c.sessionId, epoch, released: false }]);
  const previous = reply.fieldsOr('previous', undefined);
  return {
    outcome,
    epoch,
    connectedAtMs: reply.integer('connectedAtMs'),
    ...(previous ? { previous: toPrevious(previous) } : {}),
  };
}

function toPrevious(fields: Fields): PreviousOwner {
  const owner = { node: fields.text('node'), boot: fields.text('boot'), epoch: fields.integer('epoch') };
  const vacantMs = fields.integerOr('vacantMs', 0);
  return vacantMs > 0 ? { ...owner, vacantMs } : owner;
}

export async function updateSessions(
  directory: Directory,
  node: NodeBoot,
  updates: readonly SessionUpdate[],
): Promise<Map<string, UpdateOutcome>> {
  const { scripts, keys, memories } = directory;
  const memory = memories.of(node);
  const outcomes = new Map<string, UpdateOutcome>();
  for (const some of chunks(updates, UPDATES_PER_CALL)) {
    const stamp = memory.next();
    const entries = some.map((update) => keys.session(update.sessionId));
    const request = { ...stamp, node: { id: node.id, boot: node.boot }, updates: some };
    const reply = await scripts.run('update', [keys.watermarks, keys.events, ...entries], request);
    const results = reply.fields('sessions');
    for (const id of results.names()) outcomes.set(id, results.oneOf(id, ['ok', 'fenced', 'absent']));
    memory.acknowledged(stamp, told(some, outcomes));
  }
  return outcomes;
}

export async function release(directory: Directory, r: SessionRelease): Promise<'released' | 'fenced' | 'absent'> {
  const { scripts, keys, memories } = directory;
  const memory = memories.of(r.node);
  const stamp = memory.next();
  const reply = await scripts.run(
    'release',
    [keys.session(r.sessionId), keys.owned, keys.tenanted, keys.watermarks, keys.events],
    { ...r, ...stamp, node: { id: r.node.id, boot: r.node.boot } },
  );
  memory.acknowledged(stamp, [{ sessionId: r.sessionId, epoch: r.epoch, released: true }]);
  return reply.oneOf('outcome', ['released', 'fenced', 'absent']);
}

/** Rejects with `fenced` if the boot holds no lease (any more): nothing was written, beat first. */
export async function reassert(
  directory: Directory,
  node: NodeBoot,
  sessions: readonly SessionReassert[],
): Promise<Map<string, ReassertOutcome>> {
  const { scripts, keys, memories } = directory;
  const memory = memories.of(node);
  const outcomes = new Map<string, ReassertOutcome>();
  for (const some of chunks(sessions, REASSERTS_PER_CALL)) {
    for (const session of some) {
      assertSession(session.sessionId, session.tenantId);
      assertEpoch('epoch', session.epoch);
    }
    const stamp = memory.next();
    const reply = await scripts.run(
      'reassert',
      [
        ...[keys.owned, keys.tenanted, keys.nodes, keys.leases, keys.watermarks, keys.events],
        ...some.map((session) => keys.session(session.sessionId)),
      ],
      { ...stamp, node: { id: node.id, boot: node.boot }, sessions: some },
    );
    if (reply.oneOf('outcome', ['ok', 'dead']) === 'dead') {
      throw new CulvertError('fenced', 'this boot holds no lease; beat before reasserting');
    }
    const results = reply.fields('sessions');
    for (const id of results.names()) outcomes.set(id, results.oneOf(id, ['ok', 'fenced']));
    memory.acknowledged(stamp, told(some, outcomes));
  }
  return outcomes;
}

/** What a batch has put into the directory. */
function told(
  sessions: readonly { readonly sessionId: string; readonly epoch: number }[],
  outcomes: ReadonlyMap<string, string>,
): LostOperation[] {
  return sessions
    .filter(({ sessionId }) => outcomes.get(sessionId) === 'ok')
    .map(({ sessionId, epoch }) => ({ sessionId, epoch, released: false }));
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
