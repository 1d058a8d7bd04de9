import { CulvertError } from '@culvert/base';
import {
  addCounts,
  noCounts,
  SLI_SPANS,
  type SliBucket,
  type SliCounts,
  type SliSpan,
  type SliStore,
} from '@culvert/telemetry';
import type { Directory } from '../directory.ts';
import { parseCounts } from './counts-text.ts';
import { cover, type KeptSpan, startsOf } from './cover.ts';
import { addRehearsal, readRehearsals } from './rehearsals.ts';
import { writeBuckets } from './write.ts';

/** Keys of which one script reads two fields, or all: a few ms of Redis's time. */
const KEYS_AT_ONCE = 100;
const WHOLE_KEYS_AT_ONCE = 4;
/** Four days of minutes. */
const MAX_SERIES = 5_800;

/** Counts by who made the connections. */
export interface SliSums {
  readonly real: SliCounts;
  readonly synthetic: SliCounts;
}

/** Sums, and the time that was counted in fact: bounds of whole spans. */
export interface SliRead extends SliSums {
  readonly countedFromMs: number;
  readonly countedToMs: number;
}

export interface SliPoint extends SliSums {
  readonly startMs: number;
}

export interface SliRange {
  /** ms since the Unix epoch; from the first, up to but without the second. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of this tenant only; default: of all together. */
  readonly tenant?: string;
}

/** What service-level indicators are made of: counted by every node, added up here. */
export class Sli implements SliStore {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /**
   * Absolute counts of one boot. A bucket is taken until a day after its minute, two after its hour, four after its day; later
   * ones do nothing. @throws CulvertError registry_unavailable
   */
  writeSli(boot: { readonly node: string; readonly boot: string }, buckets: readonly SliBucket[]): Promise<void> {
    return writeBuckets(this.#directory, boot, buckets);
  }

  /** @throws CulvertError invalid_request, registry_unavailable */
  async read({ fromMs, toMs, tenant }: SliRange): Promise<SliRead> {
    const counted = cover(fromMs, toMs, this.#now());
    const fields = fieldsOf(tenant);
    const sums = await this.#sum(counted.spans, [fields.real, fields.synthetic]);
    return {
      countedFromMs: counted.fromMs,
      countedToMs: counted.toMs,
      real: sums.get(fields.real) ?? noCounts(),
      synthetic: sums.get(fields.synthetic) ?? noCounts(),
    };
  }

  /** Real traffic by tenant; tenants that had none are left out. @throws CulvertError invalid_request, registry_unavailable */
  async byTenant({ fromMs, toMs }: Omit<SliRange, 'tenant'>): Promise<ReadonlyMap<string, SliCounts>> {
    const sums = await this.#sum(cover(fromMs, toMs, this.#now()).spans);
    const tenants = [...sums].filter(([field]) => field.startsWith('real/'));
    return new Map(tenants.map(([field, counts]) => [field.slice('real/'.length), counts]));
  }

  /** One point for each span of this length, those without data too. @throws CulvertError invalid_request, registry_unavailable */
  async series({ span, fromMs, toMs, tenant }: SliRange & { readonly span: SliSpan }): Promise<SliPoint[]> {
    const isBounded = (toMs - fromMs) / SLI_SPANS[span].ms <= MAX_SERIES;
    if (!isBounded) throw new CulvertError('invalid_request', 'The time asked for is too long.');
    const starts = startsOf(span, fromMs, toMs);
    const { scripts, keys } = this.#directory;
    const fields = fieldsOf(tenant);
    const points: SliPoint[] = [];
    for (const some of chunks(starts, KEYS_AT_ONCE)) {
      const totals = some.map((startMs) => keys.sli.totals(span, startMs));
      const reply = await scripts.run('sli_read', totals, { fields: [fields.real, fields.synthetic] });
      for (const [i, found] of reply.list('spans').entries()) {
        const startMs = some[i] ?? 0;
        const of = (field: string): SliCounts => parseCounts(found.textOr(field, ''));
        points.push({ startMs, real: of(fields.real), synthetic: of(fields.synthetic) });
      }
    }
    return points;
  }

  /** Keeps the last 200. A JSON value. @throws CulvertError registry_unavailable, invalid_request when it is too large */
  addRehearsal(rehearsal: unknown): Promise<void> {
    return addRehearsal(this.#directory, rehearsal);
  }

  /** JSON values, the newest first. @throws CulvertError registry_unavailable */
  rehearsals(): Promise<unknown[]> {
    return readRehearsals(this.#directory);
  }

  async #sum(spans: readonly KeptSpan[], fields?: readonly string[]): Promise<Map<string, SliCounts>> {
    const { scripts, keys } = this.#directory;
    const sums = new Map<string, SliCounts>();
    for (const some of chunks(spans, fields === undefined ? WHOLE_KEYS_AT_ONCE : KEYS_AT_ONCE)) {
      const totals = some.map(({ span, startMs }) => keys.sli.totals(span, startMs));
      const reply = await scripts.run('sli_sum', totals, fields === undefined ? {} : { fields });
      for (const [field, text] of Object.entries(reply.fields('sums').strings())) {
        sums.set(field, addCounts(sums.get(field) ?? noCounts(), parseCounts(text)));
      }
    }
    return sums;
  }

  /** By Redis's clock, by which the keys go; a process that never heard it goes by its own. */
  #now(): number {
    return this.#directory.clock.now() ?? Date.now();
  }
}

/** `sli_write.lua` has the same names. */
function fieldsOf(tenant: string | undefined): { real: string; synthetic: string } {
  return tenant === undefined
    ? { real: 'real', synthetic: 'synthetic' }
    : { real: `real/${tenant}`, synthetic: `synthetic/${tenant}` };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
