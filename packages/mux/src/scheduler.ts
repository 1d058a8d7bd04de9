import { type Frame, isOrdered } from './frame.ts';

/** Bytes that a stream may send per turn. A page's requests fit in one; a bulk stream takes several turns per frame. */
const QUANTUM_BYTES = 16_384;

interface Flow {
  readonly stream: number;
  frames: Frame[];
  /** Index of the first frame not taken yet: shifting an array moves all of it. */
  at: number;
  bytes: number;
  deficit: number;
}

/**
 * The order in which frames leave a link (RFC 8290, FQ-CoDel's queueing without its dropping). Streams take turns
 * by bytes; one that has just become active goes before those that have already had a turn, so small
 * exchanges do not wait behind bulk. Only DATA and FIN have to keep their order and wait their turn: what
 * steers the link or a stream is small and leaves first.
 */
export class Scheduler {
  #urgent: Frame[] = [];
  #urgentAt = 0;
  #urgentBytes = 0;
  readonly #flows = new Map<number, Flow>();
  #fresh: Flow[] = [];
  #turns: Flow[] = [];
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that wait ahead of all streams: everything but DATA and FIN, which alone are bounded by windows. */
  get urgentBytes(): number {
    return this.#urgentBytes;
  }

  /** Bytes of one stream that wait. */
  bytesOf(stream: number): number {
    return this.#flows.get(stream)?.bytes ?? 0;
  }

  push(frame: Frame): void {
    const bytes = frame.bytes;
    this.#bytes += bytes;
    if (!isOrdered(frame)) {
      this.#urgent.push(frame);
      this.#urgentBytes += bytes;
      return;
    }
    let flow = this.#flows.get(frame.stream);
    if (flow === undefined) {
      flow = { stream: frame.stream, frames: [], at: 0, bytes: 0, deficit: QUANTUM_BYTES };
      this.#flows.set(frame.stream, flow);
      this.#fresh.push(flow);
    }
    flow.frames.push(frame);
    flow.bytes += bytes;
  }

  /** Forgets what a stream has waiting. */
  drop(stream: number): void {
    const flow = this.#flows.get(stream);
    if (flow === undefined) return;
    this.#bytes -= flow.bytes;
    // The flow stays in its list, empty, and is passed over when its turn comes.
    flow.frames = [];
    flow.at = 0;
    flow.bytes = 0;
    this.#flows.delete(stream);
  }

  /** Forgets everything. */
  clear(): void {
    this.clearStreams();
    this.#urgent = [];
    this.#urgentAt = 0;
    this.#urgentBytes = 0;
    this.#bytes = 0;
  }

  /** Forgets DATA and FIN of all streams. */
  clearStreams(): void {
    this.#flows.clear();
    this.#fresh = [];
    this.#turns = [];
    this.#bytes = this.#urgentBytes;
  }

  /** The frame to send next, or undefined. */
  next(): Frame | undefined {
    const urgent = this.#nextUrgent();
    if (urgent !== undefined) return urgent;
    for (;;) {
      const list = this.#fresh.length > 0 ? this.#fresh : this.#turns;
      const flow = list[0];
      if (flow === undefined) return undefined;
      const frame = flow.frames[flow.at];
      if (frame === undefined) {
        list.shift();
        this.#emptied(flow, list);
      } else if (flow.deficit <= 0) {
        flow.deficit += QUANTUM_BYTES;
        list.shift();
        this.#turns.push(flow);
      } else {
        return this.#take(flow, frame);
      }
    }
  }

  /**
   * RFC 8290 §4.2: a flow that runs empty in its first turn still goes through one round of the others before it may be
   * fresh again; else a few streams that come back again and again would shut bulk out.
   */
  #emptied(flow: Flow, list: Flow[]): void {
    if (this.#flows.get(flow.stream) !== flow) return;
    if (list === this.#fresh) this.#turns.push(flow);
    else this.#flows.delete(flow.stream);
  }

  #nextUrgent(): Frame | undefined {
    const frame = this.#urgent[this.#urgentAt];
    if (frame === undefined) return undefined;
    this.#urgentAt += 1;
    if (this.#urgentAt === this.#urgent.length) {
      this.#urgent = [];
      this.#urgentAt = 0;
    }
    this.#bytes -= frame.bytes;
    this.#urgentBytes -= frame.bytes;
    return frame;
  }

  #take(flow: Flow, frame: Frame): Frame {
    const bytes = frame.bytes;
    flow.at += 1;
    if (flow.at === flow.frames.length) {
      flow.frames = [];
      flow.at = 0;
    }
    flow.deficit -= bytes;
    flow.bytes -= bytes;
    this.#bytes -= bytes;
    return frame;
  }
}
