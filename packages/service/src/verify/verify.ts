import { sleep, toCulvertError } from '@culvert/base';
import { compareRegistry } from './compare.ts';
import { type Difference, identitiesOf, isNumeric, sessionOf, severityOf, workersOf } from './difference.ts';
import { forEachBounded } from './for-each-bounded.ts';
import { type ListedNode, type RegistryReader, readDirectory, readEntries } from './read-directory.ts';
import type { DirectorySnapshot, ServedSession, WorkerSnapshot } from './snapshot.ts';

export type { RegistryReader };

/** More than workers take to report a change (they collect for 250 ms). */
const PAUSE_MS = 300;
const SETTLE_MS = 2_000;
/** A difference that turns into another one is followed this many times `settleMs` in all. */
const PATIENCE = 3;
const WORKERS_AT_ONCE = 8;
/** With more sessions in doubt than this, reading all pages is cheaper than reading each. */
const SINGLE_LOOKS = 1_000;
const MAX_SESSIONS = 500_000;

export interface VerifyOptions {
  readonly registry: RegistryReader;
  /** Asks a worker, by its admin address, which sessions it has; by session id. Rejects when it does not answer. */
  readonly workers: {
    list(admin: string, signal: AbortSignal): Promise<ReadonlyMap<string, ServedSession>>;
  };
  /** How long a difference has to last to count, ms; default 2,000. With 0 the first look counts. */
  readonly settleMs?: number;
  readonly signal?: AbortSignal;
  /** Sessions that are compared at most; default 500,000. */
  readonly maxSessions?: number;
  /** Injected by tests. */
  readonly time?: VerifyTime;
}

export interface VerifyTime {
  /** Milliseconds that never go back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Verification {
  readonly checked: { readonly sessions: number; readonly workers: number };
  /** Redis lost data: workers that it does not know again yet were not asked, so that nothing differs proves nothing. */
  readonly recovering: boolean;
  /** Errors that lasted, then information of the first look. */
  readonly differences: readonly Difference[];
  /** Differences of the last look that had not lasted long enough: who owns what kept changing. */
  readonly unsettled: number;
}

const realTime: VerifyTime = { monotonic: () => performance.now(), sleep };

interface Doubt {
  readonly difference: Difference;
  /** Since when each of its identities is there, ms. */
  readonly since: ReadonlyMap<string, number>;
}

/**
 * Compares the directory with the truth of all live workers. The two are read one after the other and workers report with a
 * delay, so what differs is looked at again until it agrees, or has differed for `settleMs`: only that is an error.
 * Rejects with `registry_unavailable`, `limit_exceeded` (too many sessions), or the signal's reason.
 */
export async function verifyRegistry(options: VerifyOptions): Promise<Verification> {
  const { settleMs = SETTLE_MS, signal = new AbortController().signal, time = realTime } = options;
  const before = await options.registry.status();
  const first = await lookAtAll(options, new Set(), signal);
  const differences = compareRegistry(first.directory, first.workers);
  const information = differences.filter((difference) => severityOf(difference) === 'information');
  const checked = {
    sessions: first.directory.entries.size,
    workers: first.workers.filter(({ sessions }) => sessions !== undefined).length,
  };
  const begunMs = time.monotonic();
  let doubts = doubtsOf(differences, [], begunMs);
  const settled = ({ since }: Doubt): boolean => time.monotonic() - Math.min(...since.values()) >= settleMs;
  while (doubts.some((doubt) => !settled(doubt))) {
    if (time.monotonic() - begunMs > PATIENCE * settleMs) break;
    // Not in step with what is looked at.
    await time.sleep(PAUSE_MS * (1 + Math.random() / 2), signal);
    doubts = doubtsOf(await lookAgain(options, doubts, signal), doubts, time.monotonic());
  }
  const errors = doubts.filter(settled).map(({ difference }) => difference);
  const after = await options.registry.status();
  const recovering = before.recovering || after.recovering;
  return { checked, recovering, differences: [...errors, ...information], unsettled: doubts.length - errors.length };
}

interface Look {
  readonly directory: DirectorySnapshot;
  readonly workers: readonly WorkerSnapshot[];
}

/** `doubtful`: sessions that may have an entry although no index has them. */
async function lookAtAll(options: VerifyOptions, doubtful: ReadonlySet<string>, signal: AbortSignal): Promise<Look> {
  const { registry, maxSessions = MAX_SESSIONS } = options;
  const nodes = await liveWorkers(registry);
  // At the same time, so that little happens between the two.
  const [directory, workers] = await Promise.all([
    readDirectory(registry, nodes, maxSessions, signal),
    askWorkers(options, nodes, () => true, signal),
  ]);
  const unlisted = new Set([...doubtful].filter((id) => !directory.entries.has(id)).slice(0, SINGLE_LOOKS));
  const { entries } = await readEntries(registry, unlisted, unlisted, signal);
  return { directory: { ...directory, entries: new Map([...directory.entries, ...entries]) }, workers };
}

/** At what is in doubt only, if that is less. */
async function lookAgain(options: VerifyOptions, doubts: readonly Doubt[], signal: AbortSignal): Promise<Difference[]> {
  const before = doubts.map(({ difference }) => difference);
  const sessions = new Set(before.map(sessionOf).filter((id) => id !== null));
  const silent = new Set(before.filter(({ kind }) => kind === 'unreachable').flatMap(workersOf));
  // A worker that was silent has sessions that nobody has judged yet.
  const whole = sessions.size > SINGLE_LOOKS || before.some(({ kind }) => kind === 'index' || kind === 'unreachable');
  if (whole) {
    const { directory, workers } = await lookAtAll(options, sessions, signal);
    const answering = new Set(workers.filter((worker) => worker.sessions && silent.has(worker.id)).map(({ id }) => id));
    const judged = answering.size === 0 ? sessions : withSessionsOf(answering, sessions, directory, workers);
    return errorsOf(compareRegistry(directory, workers, judged));
  }
  const { registry } = options;
  const unlisted = new Set(
    before
      .filter(({ kind }) => kind === 'missing')
      .map(sessionOf)
      .filter((id) => id !== null),
  );
  const [nodes, directory] = await Promise.all([
    liveWorkers(registry),
    readEntries(registry, sessions, unlisted, signal),
  ]);
  const concerned = new Set(before.flatMap(workersOf));
  for (const { owner } of directory.entries.values()) if (owner) concerned.add(owner.id);
  const workers = await askWorkers(options, nodes, ({ id }) => concerned.has(id), signal);
  return errorsOf(compareRegistry(directory, workers, sessions));
}

function withSessionsOf(
  workerIds: ReadonlySet<string>,
  sessions: ReadonlySet<string>,
  { entries }: DirectorySnapshot,
  workers: readonly WorkerSnapshot[],
): Set<string> {
  const all = new Set(sessions);
  for (const worker of workers)
    if (workerIds.has(worker.id)) for (const id of worker.sessions?.keys() ?? []) all.add(id);
  for (const [id, { owner }] of entries) if (owner && workerIds.has(owner.id)) all.add(id);
  return all;
}

async function liveWorkers(registry: RegistryReader): Promise<ListedNode[]> {
  return (await registry.listNodes()).filter(({ role, state }) => role === 'worker' && state !== 'dead');
}

/** Those that are not asked are there, too, without sessions. */
async function askWorkers(
  { workers }: VerifyOptions,
  nodes: readonly ListedNode[],
  isAsked: (node: ListedNode) => boolean,
  signal: AbortSignal,
): Promise<WorkerSnapshot[]> {
  const snapshots = new Map<string, WorkerSnapshot>(nodes.map(({ id, boot }) => [id, { id, boot }]));
  await forEachBounded(nodes.filter(isAsked), WORKERS_AT_ONCE, async ({ id, boot, admin }) => {
    try {
      snapshots.set(id, { id, boot, sessions: await workers.list(admin, signal) });
    } catch (error) {
      signal.throwIfAborted();
      snapshots.set(id, { id, boot, trouble: toCulvertError(error).message });
    }
  });
  return [...snapshots.values()];
}

function errorsOf(differences: readonly Difference[]): Difference[] {
  return differences.filter((difference) => severityOf(difference) === 'error');
}

/** What was in doubt already is so since then. */
function doubtsOf(differences: readonly Difference[], before: readonly Doubt[], nowMs: number): Doubt[] {
  const known = new Map(before.flatMap(({ since }) => [...since]));
  const numeric = new Set(
    before.filter(({ difference }) => isNumeric(difference)).map((doubt) => sessionOf(doubt.difference)),
  );
  const doubts: Doubt[] = [];
  for (const difference of errorsOf(differences)) {
    const identities = identitiesOf(difference);
    const lasts = identities.some((identity) => known.has(identity));
    // Its owner has reported other numbers meanwhile: they are as right as they can be.
    if (!lasts && isNumeric(difference) && numeric.has(sessionOf(difference))) continue;
    doubts.push({ difference, since: new Map(identities.map((identity) => [identity, known.get(identity) ?? nowMs])) });
  }
  return doubts;
}
