import { CulvertError } from '@culvert/base';
import type { Redis } from 'ioredis';
import { askAny } from './ask.ts';
import type { RedisAddress } from './options.ts';
import type { Discovery } from './primary-connector.ts';
import type { HostPort } from './url-parts.ts';

/** Nodes that are remembered besides those of the URL, at most. */
const REMEMBERED_NODES = 32;

/**
 * The primary that owns the slot of one key. Nobody is watched: a server that loses the slot answers MOVED, and one
 * that was cut off from the others answers CLUSTERDOWN.
 */
export class SlotDiscovery implements Discovery {
  readonly #address: RedisAddress;
  readonly #key: string;
  /** As of the last answer: those of the URL may be gone some day. */
  #nodes: readonly HostPort[] = [];

  constructor(address: RedisAddress, key: string) {
    this.#address = address;
    this.#key = key;
  }

  find(signal: AbortSignal): Promise<HostPort> {
    const known = new Map([...this.#address.hosts, ...this.#nodes].map((at) => [`${at.host} ${at.port}`, at]));
    const nodes = [...known.values()];
    return askAny('node of the cluster', this.#address.options, nodes, signal, (redis, at) => this.#ask(redis, at));
  }

  watch(): () => void {
    return () => undefined;
  }

  async #ask(redis: Redis, at: HostPort): Promise<HostPort> {
    const [info, slot, ranges] = await Promise.all([
      redis.cluster('INFO'),
      redis.cluster('KEYSLOT', this.#key),
      redis.cluster('SLOTS'),
    ]);
    // A node that is cut off from the majority still has its old map.
    if (!isWhole(String(info))) throw unknown('cluster_state is not ok');
    const owners = readSlots(ranges, at);
    const owner = owners.find(({ first, last }) => first <= Number(slot) && Number(slot) <= last);
    if (!owner) throw unknown(`nobody owns slot ${slot}, in which the keys are`);
    this.#nodes = owners.flatMap(({ servers }) => servers).slice(0, REMEMBERED_NODES);
    const [primary] = owner.servers;
    if (!primary) throw unknown(`slot ${slot} has no primary`);
    return primary;
  }
}

export function isWhole(clusterInfo: string): boolean {
  return /^cluster_state:ok\r?$/m.test(clusterInfo);
}

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  /** The primary first. */
  readonly servers: readonly HostPort[];
}

/** Reads CLUSTER SLOTS: ranges of `[first, last, [host, port, …] …]`, the primary's first. */
export function readSlots(ranges: unknown, asked: HostPort): SlotRange[] {
  if (!Array.isArray(ranges)) throw unknown('it has no map of slots');
  return ranges.map((range: unknown) => {
    const [first, last, ...servers] = Array.isArray(range) ? range : [];
    return {
      first: Number(first),
      last: Number(last),
      servers: servers.flatMap((server) => readServer(server, asked)),
    };
  });
}

/** No host means: the one that was asked under (`cluster-preferred-endpoint-type unknown-endpoint`). */
function readServer(server: unknown, asked: HostPort): HostPort[] {
  const [host, port] = Array.isArray(server) ? server : [];
  if (host === '?') return []; // it knows no address of its own to tell
  return [{ host: typeof host === 'string' && host !== '' ? host : asked.host, port: Number(port) }];
}

function unknown(why: string): CulvertError {
  return new CulvertError('registry_unavailable', why);
}
