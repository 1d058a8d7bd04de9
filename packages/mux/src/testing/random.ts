import { Buffer } from 'node:buffer';

/** Random numbers that a seed brings back (mulberry32). Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer, 0 ≤ x < end. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** `bytes` with a few things done to them: bits turned, pieces taken out, doubled, or put in. */
  mutated(bytes: Buffer): Buffer {
    let result = Buffer.from(bytes);
    for (let i = this.below(4); i > 0 && result.length > 0; i -= 1) {
      const at = this.below(result.length);
      const end = Math.min(result.length, at + 1 + this.below(40));
      const how = this.below(4);
      if (how === 0) result[at] = (result[at] as number) ^ (1 << this.below(8));
      else if (how === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(end)]);
      else if (how === 2) result = Buffer.concat([result.subarray(0, end), result.subarray(at)]);
      else result = Buffer.concat([result.subarray(0, at), this.bytes(this.below(20)), result.subarray(at)]);
    }
    return result;
  }

  /** `bytes` in pieces, cut anywhere. */
  cut(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + this.below(this.chance(0.3) ? 3 : 200));
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  }
}
