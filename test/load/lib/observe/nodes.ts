import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ClusterNode } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import type { BuiltIn } from '../metrics.ts';
import type { Tags } from '../tags.ts';
import { Poller } from './poller.ts';
import { Growth } from './slope.ts';

const DEADLINE_MS = 5_000;
/** A process that has been watched for less has not got warm: its first minutes would count as growth. */
const MIN_SPAN_MS = 600_000;
const MIB = 1_048_576;
/** Deployments replace nodes: of so many the growth is kept. */
const MAX_BOOTS = 200;

interface Watched {
  readonly role: string;
  readonly memory: Growth;
  readonly descriptors: Growth;
}

type Add = (metric: BuiltIn, value: number, tags: Tags) => void;

/**
 * Looks at the nodes' own figures all along: memory, event loop, file descriptors. When it is disposed of, each node's growth
 * becomes a sample: MiB per hour, descriptors per hour.
 */
export class NodeWatch implements AsyncDisposable {
  readonly #api: ApiClient;
  readonly #add: Add;
  readonly #poller: Poller;
  readonly #boots = new Map<string, Watched>();

  constructor(api: ApiClient, everyMs: number, add: Add) {
    this.#api = api;
    this.#add = add;
    this.#poller = new Poller(everyMs, () => this.#look());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#poller[Symbol.asyncDispose]();
    for (const { role, memory, descriptors } of this.#boots.values()) {
      const tags = { role };
      for (const [metric, growth] of [
        ['node_memory_growth', memory],
        ['node_descriptor_growth', descriptors],
      ] as const) {
        const perHour = growth.spanMs < MIN_SPAN_MS ? undefined : growth.perHour();
        // A process that gives memory back has not grown.
        if (perHour !== undefined) this.#add(metric, Math.max(0, perHour), tags);
      }
    }
  }

  async #look(): Promise<void> {
    const { items } = await this.#api.call<{ items: ClusterNode[] }>('GET', '/nodes');
    const alive = items.filter(({ state }) => state !== 'dead');
    // One that is on its way out does not answer; the others do.
    await Promise.allSettled(alive.map((node) => this.#ask(node)));
  }

  async #ask(node: ClusterNode): Promise<void> {
    const response = await fetch(new URL('/metrics', node.admin), { signal: AbortSignal.timeout(DEADLINE_MS) });
    const text = await response.text();
    if (!response.ok) return;
    const watched = this.#watched(node);
    if (!watched) return;
    const atMs = performance.now();
    const memory = gaugeOf(text, 'process_memory_usage_bytes');
    if (memory !== undefined) watched.memory.add(atMs, memory / MIB);
    const descriptors = gaugeOf(text, 'process_unix_file_descriptors') ?? localDescriptors(node);
    if (descriptors !== undefined) watched.descriptors.add(atMs, descriptors);
    const delay = gaugeOf(text, 'nodejs_eventloop_delay_p99_seconds');
    if (delay !== undefined) this.#add('node_loop_delay', delay * 1_000, { role: node.role });
  }

  #watched({ id, boot, pid, role }: ClusterNode): Watched | undefined {
    const key = `${id}#${pid}#${role === 'worker' ? '' : boot}`;
    let watched = this.#boots.get(key);
    if (!watched && this.#boots.size < MAX_BOOTS) {
      watched = { role, memory: new Growth(), descriptors: new Growth() };
      this.#boots.set(key, watched);
    }
    return watched;
  }
}

/** The value of a gauge without attributes that matter, in Prometheus' text. */
export function gaugeOf(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  if (line === undefined) return undefined;
  const value = Number(/\}?\s+(\S+)(?:\s+\d+)?$/.exec(line)?.[1]);
  return Number.isFinite(value) ? value : undefined;
}

/** Of a process of this machine. */
function localDescriptors({ host, pid }: ClusterNode): number | undefined {
  if (host !== hostname() || process.platform !== 'linux') return undefined;
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined; // it has ended meanwhile
  }
}
