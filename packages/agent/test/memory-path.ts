import type { Clock, ErrorCode } from '@culvert/base';
import { CulvertError } from '@culvert/base';
import { type Frame, type OpenRequest, type PendingStream, type Reason, type StreamEnd, Streams } from '@culvert/mux';
import type { ResumeWindow } from '../src/resume-window.ts';

export interface MemoryPathOptions {
  readonly clock: Clock;
  /** The agent's streams. */
  readonly streams: ResumeWindow;
  readonly accept: (pending: PendingStream) => void;
}

/** A path from an edge to an agent without links: frames are handed over in order, until it is cut. */
export class MemoryPath {
  readonly edge: Streams;
  readonly agent: Streams;
  /** Streams of the edge that were on this path when it was cut. */
  readonly detached: StreamEnd[] = [];
  readonly #queue: (() => void)[] = [];
  #cut = false;
  #handingOver = false;

  constructor({ clock, streams, accept }: MemoryPathOptions) {
    const nowMs = (): number => clock.monotonic();
    this.edge = new Streams({
      send: (frame) => this.#send(this.agent, frame),
      drop: () => undefined,
      nowMs,
      detached: (stream) => this.detached.push(stream),
    });
    this.agent = new Streams({
      send: (frame) => this.#send(this.edge, frame),
      drop: () => undefined,
      nowMs,
      accept,
      store: streams.store,
    });
    this.edge.resumable = true;
    this.agent.resumable = true;
  }

  /** Rejects with the refusal. */
  open(host: string, port: number, more: Pick<OpenRequest, 'traceparent'> = {}): Promise<StreamEnd> {
    const request: OpenRequest = {
      key: crypto.getRandomValues(new Uint8Array(16)),
      sessionId: 's_1',
      connectionId: 'c_1',
      kind: 'connect',
      host,
      port,
      ...more,
    };
    return new Promise((resolve, reject) => {
      const refused = (code: ErrorCode, message: string): void => reject(new CulvertError(code, message));
      this.edge.open(request, { opened: resolve, refused });
    });
  }

  /** Goes on with a stream here. Resolves to the bytes that the edge sent again. */
  resume(stream: StreamEnd): Promise<number> {
    return new Promise((resolve, reject) => {
      const refused = (code: ErrorCode, message: string): void => reject(new CulvertError(code, message));
      this.edge.resume(stream, { resumed: resolve, refused });
    });
  }

  /** Both sides lose it. */
  cut(): void {
    this.#cut = true;
    const why: Reason & { code: ErrorCode } = { code: 'link_lost', message: 'the test cut the path' };
    this.edge.lost(why.code, why.message);
    this.agent.lost(why.code, why.message);
  }

  #send(to: Streams, frame: Frame): void {
    if (this.#cut) return;
    this.#queue.push(() => to.receive(frame));
    if (this.#handingOver) return;
    this.#handingOver = true;
    queueMicrotask(() => {
      this.#handingOver = false;
      for (const hand of this.#queue.splice(0)) if (!this.#cut) hand();
    });
  }
}
