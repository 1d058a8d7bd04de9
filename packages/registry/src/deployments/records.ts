import { CulvertError } from '@culvert/base';
import type { Directory } from '../directory.ts';
import { assertId } from '../keys.ts';
import { Fields } from '../redis/fields.ts';
import { parseJson, toJson } from './json.ts';
import type { Commit, Deployments, StoredDeployment } from './types.ts';

/** Deployments that are kept when they are over. */
const KEEP = 200;
/** Deployments that wait, the one under way among them. */
const MAX_QUEUED = 100;
/** Forgotten per `create`, at most. */
const MAX_SURPLUS = 20;
const MAX_LIMIT = 100;
/** Records read at a time: each may be large. */
const READ_AT_ONCE = 10;
/** How long results and what was touched are kept of a deployment that is over, ms. */
export const KEEP_RESULTS_MS = 7 * 24 * 3_600_000;
/** Looks at the queue before `active` gives up: each time, the oldest one has ended in between. */
const MAX_LOOKS = 5;

const FIELDS = ['revision', 'state', 'over', 'createdAtMs', 'core', 'view'] as const;

export async function createDeployment(
  directory: Directory,
  record: StoredDeployment,
  { queue }: { readonly queue: boolean },
): ReturnType<Deployments['create']> {
  const { scripts, keys } = directory;
  const { index, queue: queueKey } = keys.deploy;
  assertId('a deployment id', record.id);
  const request = { ...headOf(record), queue, maxQueued: MAX_QUEUED, keep: KEEP, maxSurplus: MAX_SURPLUS };
  const reply = await scripts.run('deploy_create', [keys.deploy.record(record.id), queueKey, index], request, [
    toJson(record.core),
    toJson(record.view),
  ]);
  const outcome = reply.oneOf('outcome', ['created', 'busy', 'full']);
  if (outcome === 'busy') return { outcome, active: reply.text('active') };
  if (outcome === 'full') throw new CulvertError('limit_exceeded', `${MAX_QUEUED} deployments wait already`);
  for (const id of reply.texts('surplus')) await forget(directory, id);
  return { outcome };
}

export async function getDeployment(
  { connection, keys }: Directory,
  id: string,
): Promise<StoredDeployment | undefined> {
  assertId('a deployment id', id);
  const values = await connection.command('a deployment', (redis) => redis.hmget(keys.deploy.record(id), ...FIELDS));
  return toRecord(id, values);
}

/** `cursor` is the `next` of the page before. Throws `invalid_request` for a limit that is not from 1 to 100, or what is no cursor. */
export async function listDeployments(
  { connection, keys }: Directory,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): ReturnType<Deployments['list']> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new CulvertError('invalid_request', `limit must be from 1 to ${MAX_LIMIT}`);
  }
  const before = cursor === undefined ? undefined : parseCursor(cursor);
  // All that are kept, some 300 at most, so sorting out the page here is cheap.
  const flat = await connection.command('the deployments', (redis) =>
    redis.zrangebyscore(keys.deploy.index, '-inf', before?.madeAtMs ?? '+inf', 'WITHSCORES'),
  );
  const ids = flat
    .flatMap((id, at) => (at % 2 === 0 ? [{ id, madeAtMs: Number(flat[at + 1]) }] : []))
    .filter(({ id, madeAtMs }) => before === undefined || madeAtMs < before.madeAtMs || id < before.id)
    .reverse();
  const items: StoredDeployment[] = [];
  const page = ids.slice(0, limit);
  for (let at = 0; at < page.length; at += READ_AT_ONCE) {
    const some = page.slice(at, at + READ_AT_ONCE);
    const read = await connection.command('the deployments', (redis) =>
      Promise.all(some.map(({ id }) => redis.hmget(keys.deploy.record(id), ...FIELDS))),
    );
    items.push(...read.flatMap((values, i) => toRecord(some[i]?.id ?? '', values) ?? []));
  }
  const last = page.at(-1);
  return { items, next: last === undefined || ids.length <= limit ? null : `${last.madeAtMs}/${last.id}` };
}

export async function activeDeployment(directory: Directory): Promise<StoredDeployment | undefined> {
  const { connection, keys } = directory;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const [id] = await connection.command('the queue of deployments', (redis) =>
      redis.zrangebyscore(keys.deploy.queue, '-inf', '+inf', 'LIMIT', 0, 1),
    );
    if (id === undefined) return undefined;
    const record = await getDeployment(directory, id);
    if (record !== undefined && !record.over) return record;
  }
  throw new CulvertError('registry_unavailable', 'the deployments change too often; try again');
}

/** Throws `internal` for a record that is not the one after the expected revision. */
export async function commitDeployment(
  { scripts, keys }: Directory,
  { record, expected, fence, commands, events }: Commit,
): Promise<'ok' | 'conflict' | 'fenced'> {
  assertId('a deployment id', record.id);
  if (record.revision !== expected + 1) {
    throw new CulvertError('internal', `revision ${record.revision} does not follow ${expected}`);
  }
  const { deploy } = keys;
  const { id } = record;
  const reply = await scripts.run(
    'deploy_commit',
    [
      ...[deploy.record(id), deploy.commands(id), deploy.lease, deploy.queue, keys.events],
      ...[deploy.results(id), deploy.touched(id)],
    ],
    {
      ...headOf(record),
      ...{ expected, fence, commands, keepMs: KEEP_RESULTS_MS },
      events: events.map((event) => Object.entries(event).flat()),
    },
    [toJson(record.core), toJson(record.view)],
  );
  return reply.oneOf('outcome', ['ok', 'conflict', 'fenced']);
}

export async function restoreDeployment({ scripts, keys }: Directory, record: StoredDeployment): Promise<boolean> {
  assertId('a deployment id', record.id);
  const { deploy } = keys;
  const reply = await scripts.run(
    'deploy_restore',
    [deploy.record(record.id), deploy.queue, deploy.index, keys.events],
    headOf(record),
    [toJson(record.core), toJson(record.view)],
  );
  return reply.oneOf('outcome', ['restored', 'kept']) === 'restored';
}

async function forget({ scripts, keys }: Directory, id: string): Promise<void> {
  const { deploy } = keys;
  await scripts.run(
    'deploy_forget',
    [
      ...[deploy.record(id), deploy.queue, deploy.index, deploy.commands(id), deploy.results(id)],
      ...[deploy.touched(id), deploy.receipt(id)],
    ],
    { id, keep: KEEP },
  );
}

function headOf({ id, revision, state, over, createdAtMs }: StoredDeployment): object {
  return { id, revision, state, over, createdAtMs };
}

function toRecord(id: string, values: readonly (string | null)[]): StoredDeployment | undefined {
  if (values[0] === null) return undefined;
  const what = `deployment ${id}`;
  const fields = Fields.of(Object.fromEntries(FIELDS.map((name, at) => [name, values[at]])), what);
  return {
    id,
    revision: fields.integer('revision'),
    state: fields.text('state'),
    over: fields.oneOf('over', ['0', '1']) === '1',
    createdAtMs: fields.integer('createdAtMs'),
    core: parseJson(fields.text('core'), what),
    view: parseJson(fields.text('view'), what),
  };
}

function parseCursor(cursor: string): { madeAtMs: number; id: string } {
  const [, madeAtMs, id] = /^(\d{1,15})\/(.+)$/.exec(cursor) ?? [];
  if (madeAtMs === undefined || id === undefined) throw new CulvertError('invalid_request', 'this is no cursor');
  return { madeAtMs: Number(madeAtMs), id };
}
