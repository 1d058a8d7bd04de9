import { ownerRef } from './keys.ts';
import type { LostOperation, Missing, NodeBoot } from './types.ts';

/** Sessions whose last operation is remembered, per boot; some 150 bytes each. */
const RING = 10_000;
/** Boots of one process; a process has one at a time. */
const MAX_BOOTS = 64;

interface Told extends LostOperation {
  readonly seq: number;
}

/** The stamp of one operation: its number, and the last one before it that is known to have been carried out. */
export interface Stamp {
  readonly seq: number;
  readonly acked: number;
}

/**
 * What a boot told the registry last, by session, and how much of it Redis is known to have carried out. Redis keeps the
 * number of the last operation beside the data (the watermark). When it knows of a lower one than it has acknowledged,
 * a failover lost the difference; what was lost is in here, unless it was too much.
 */
export class BootMemory {
  /** In the order of the last operation: telling a session again puts it to the end. */
  readonly #told = new Map<string, Told>();
  readonly #ring: number;
  #seq = 0;
  #acked = 0;
  /** The highest number that was pushed out of the ring. */
  #forgotten = 0;
  /** What a beat's answer told of the operator's wish. */
  cordon: { readonly revision: number; readonly cordoned: boolean } = { revision: 0, cordoned: false };

  constructor(ring = RING) {
    this.#ring = ring;
  }

  /** Numbers an operation that is about to be sent. */
  next(): Stamp {
    this.#seq += 1;
    return { seq: this.#seq, acked: this.#acked };
  }

  /** Redis has carried it out. */
  acknowledged({ seq }: Stamp, sessions: readonly LostOperation[]): void {
    this.#acked = Math.max(this.#acked, seq);
    for (const session of sessions) this.#keep({ ...session, seq });
  }

  /** `watermark` is what Redis has; what it lacks is said once, and counts as told from then on. */
  missing(watermark: number, fresh: boolean): Missing {
    const acked = this.#acked;
    this.#acked = watermark;
    if (fresh) return { kind: 'unknown' };
    if (watermark >= acked) return { kind: 'nothing' };
    if (this.#forgotten > watermark) return { kind: 'unknown' };
    const operations = [...this.#told.values()]
      .filter(({ seq }) => seq > watermark)
      .map(({ sessionId, epoch, released }) => ({ sessionId, epoch, released }));
    return { kind: 'some', operations };
  }

  #keep(told: Told): void {
    const known = this.#told.get(told.sessionId);
    // A late word about an ownership that is over changes nothing in Redis, so it is not what a failover would lose.
    if (known !== undefined && (known.epoch > told.epoch || known.seq > told.seq)) return;
    this.#told.delete(told.sessionId);
    this.#told.set(told.sessionId, told);
    if (this.#told.size <= this.#ring) return;
    const [oldest] = this.#told.values();
    if (oldest === undefined) return;
    this.#told.delete(oldest.sessionId);
    this.#forgotten = Math.max(this.#forgotten, oldest.seq);
  }
}

/** The memories of this process's boots. */
export class Memories {
  readonly #boots = new Map<string, BootMemory>();

  of(node: NodeBoot): BootMemory {
    const ref = ownerRef(node);
    const known = this.#boots.get(ref);
    if (known) return known;
    const memory = new BootMemory();
    this.#boots.set(ref, memory);
    const [oldest] = this.#boots.keys();
    if (this.#boots.size > MAX_BOOTS && oldest !== undefined) this.#boots.delete(oldest);
    return memory;
  }
}
