import type { Budget, Stream, WindowOptions } from '@culvert/mux';
import { freshRequest } from '@culvert/mux/testing';
import type { Link } from '../dialed-link.ts';
import { splice } from '../splice.ts';
import { LoopbackWorker } from './loopback-worker.ts';
import { type TcpPair, tcpPair } from './tcp.ts';

/** client ⇄ (edge socket, splice, stream, link, stream, splice, agent socket) ⇄ target, all of them real sockets. */
export interface Spliced {
  readonly client: TcpPair['far'];
  readonly target: TcpPair['far'];
  readonly edge: Stream;
  readonly agent: Stream;
}

/** A link over which connections are spliced; ends everything with itself, and tells whether all sockets closed. */
export class SplicedPath implements AsyncDisposable {
  readonly #worker: LoopbackWorker;
  readonly #link: Link;
  readonly #agents: ((stream: Stream) => void)[];
  readonly #pairs: TcpPair[] = [];

  static async start(options: { window?: WindowOptions; budget?: Budget } = {}): Promise<SplicedPath> {
    const agents: ((stream: Stream) => void)[] = [];
    const worker = await LoopbackWorker.start({
      ...options,
      accept: (pending) => agents.shift()?.(pending.accept()),
    });
    return new SplicedPath(worker, await worker.dial(options), agents);
  }

  private constructor(worker: LoopbackWorker, link: Link, agents: ((stream: Stream) => void)[]) {
    this.#worker = worker;
    this.#link = link;
    this.#agents = agents;
  }

  async open(options: { head?: Buffer } = {}): Promise<Spliced> {
    const [outer, inner] = [await tcpPair(), await tcpPair()];
    this.#pairs.push(outer, inner);
    const accepted = new Promise<Stream>((resolve) => {
      this.#agents.push(resolve);
    });
    const edge = await this.#link.open(freshRequest(), { deadlineMs: 5_000 });
    const agent = await accepted;
    splice(edge, outer.near, options);
    splice(agent, inner.near, { socketErrorCode: 'target_reset' });
    for (const { far } of [outer, inner]) far.on('error', () => undefined); // A reset is expected, or it is asserted.
    return { client: outer.far, target: inner.far, edge, agent };
  }

  breakLink(): void {
    this.#link.close('link_lost', 'broken off by the test');
  }

  /** Resolves when every connection is over by itself: both of its sockets, and then its stream. */
  async allClosed(): Promise<void> {
    for (const { near } of this.#pairs) {
      if (!near.closed) await new Promise((resolve) => near.once('close', resolve));
    }
    await new Promise<void>((resolve) => this.#link.whenEmpty(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    await this.#worker[Symbol.asyncDispose]();
    await this.#link.closed;
  }
}
