import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { json, text } from 'node:stream/consumers';
import type { ManagedProcess } from '@culvert/local';
import { eventually } from '../../support/eventually.ts';
import type { Path } from './setup.ts';

/** A heap that has worked once keeps some of it; a leak of what a suite moves would be far more. */
const RSS_SLACK_BYTES = 150 << 20;
const SAMPLE_MS = 50;

/** What each process of the path holds, by its id. */
export type Levels = Readonly<Record<string, { readonly descriptors: number; readonly rssBytes: number }>>;

/** Once nothing is open, as far as the cluster itself can tell. */
export async function levelsOf(path: Path): Promise<Levels> {
  await eventually('an idle path', () => isIdle(path));
  return Object.fromEntries(path.hops.map((hop) => [hop.id, levelOf(hop)]));
}

/** Waits until every process is back where it was. */
export async function expectLevels(path: Path, start: Levels): Promise<void> {
  await eventually('an idle path', () => isIdle(path));
  for (const hop of path.hops) {
    const before = start[hop.id];
    assert.ok(before, hop.id);
    await eventually(`${hop.id}: ${before.descriptors} file descriptors as before`, () => {
      const { descriptors } = levelOf(hop);
      assert.ok(descriptors <= before.descriptors, `${descriptors} now`);
      return true;
    });
    const grown = levelOf(hop).rssBytes - before.rssBytes;
    assert.ok(grown < RSS_SLACK_BYTES, `${hop.id} has grown by ${grown >> 20} MiB`);
  }
}

/** Samples the memory of the path's processes until it is disposed of. */
export class MemoryWatch implements Disposable {
  readonly #hops: readonly ManagedProcess[];
  readonly #start: readonly number[];
  readonly #peak: number[];
  readonly #timer: NodeJS.Timeout;

  constructor(path: Path) {
    this.#hops = path.hops;
    this.#start = this.#hops.map((hop) => levelOf(hop).rssBytes);
    this.#peak = [...this.#start];
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Bytes above the start, at the highest, by process. */
  get growth(): ReadonlyMap<string, number> {
    return new Map(this.#hops.map(({ id }, at) => [id, (this.#peak[at] ?? 0) - (this.#start[at] ?? 0)]));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    for (const [at, hop] of this.#hops.entries()) {
      this.#peak[at] = Math.max(this.#peak[at] ?? 0, levelOf(hop).rssBytes);
    }
  }
}

/** A worker's own endpoint, over a connection that does not stay: it would count. */
export function askWorker<T>(worker: ManagedProcess, path: string): Promise<T> {
  return askAdmin(worker, path).then(json) as Promise<T>; // the contract says what it answers
}

/** The sum of a metric over its labels. */
export async function metricOf(node: ManagedProcess, name: string): Promise<number> {
  const lines = (await text(await askAdmin(node, '/metrics'))).split('\n');
  const values = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  assert.ok(values.length > 0, `${node.id} has no metric ${name}`);
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

function askAdmin(node: ManagedProcess, path: string): Promise<AsyncIterable<Buffer> & NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    request(new URL(path, node.address('admin')), { agent: false }, resolve)
      .on('error', reject)
      .end();
  });
}

async function isIdle(path: Path): Promise<true> {
  const { owner, gateway } = path;
  const session = await askWorker<{ connections: unknown[] }>(owner, `/sessions/${path.agent.sessionId}`);
  assert.deepEqual(session.connections, []);
  const { connections, bufferedBytes } = await askWorker<Record<string, unknown>>(owner, '/ready-to-terminate');
  assert.deepEqual({ connections, bufferedBytes }, { connections: 0, bufferedBytes: 0 });
  for (const node of [gateway, owner]) assert.equal(await metricOf(node, 'culvert_connection_active'), 0, node.id);
  return true;
}

function levelOf({ id, pid }: ManagedProcess): { descriptors: number; rssBytes: number } {
  assert.ok(pid !== undefined, `${id} does not run`);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, rssBytes: kilobytes * 1024 };
}
