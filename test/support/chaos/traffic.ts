import { withDeadline } from '@culvert/base';
import type { Target } from '../targets/target.ts';
import { extent } from './extent.ts';
import type { Flow } from './flow.ts';
import { ExchangeFlow } from './flows/exchange.ts';
import { StreamFlow } from './flows/stream.ts';
import { startWebSocketEcho, WebSocketFlow } from './flows/web-socket.ts';
import { Openings } from './openings.ts';
import { Rendezvous } from './rendezvous.ts';

const PERIOD_MS = 20;
/** Bulk: 1.6 MB/s each. Half of the pieces of a second are more than the first window, so a failure stops the sender, too. */
const BULK = { pieceBytes: 16_384, periodMs: extent(10, 40) };
const TRICKLE = { pieceBytes: 1_024, periodMs: PERIOD_MS };
const PASS_DEADLINE_MS = 40_000;

export interface TrafficOptions {
  /** Proxy URLs, with credentials where they ask for any, by the name of the way. */
  readonly ways: Readonly<Record<string, string>>;
  /** A name that the agent resolves to this machine. */
  readonly host: string;
  /** Of the bytes. */
  readonly seed: number;
}

/** What became of the connections. */
export interface Tally {
  readonly connections: number;
  /** `kind via way: reason` of each. */
  readonly lost: readonly string[];
  readonly wrongBytes: number;
  /** New connections that were opened meanwhile. */
  readonly opened: number;
  /** Of those that were not: how many, by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** One for each failure and each connection that outlived it and is not idle, ms. */
  readonly gapsMs: readonly number[];
}

/**
 * Steady traffic of all kinds, seven connections each way: bulk in both directions, small requests, a WebSocket that
 * echoes, an idle keep-alive connection, and two that are half-closed, one by each side; and new ones that come and go.
 */
export class Traffic implements AsyncDisposable {
  readonly flows: Flow[] = [];
  readonly #options: TrafficOptions;
  readonly #plain: Rendezvous;
  readonly #echo: Target;
  readonly #openings: Openings[] = [];
  readonly #gapsMs: number[] = [];

  private constructor(options: TrafficOptions, plain: Rendezvous, echo: Target) {
    this.#options = options;
    this.#plain = plain;
    this.#echo = echo;
  }

  /** Resolves when every connection has passed its first bytes. */
  static async start(options: TrafficOptions): Promise<Traffic> {
    const traffic = new Traffic(options, await Rendezvous.start(), await startWebSocketEcho());
    try {
      for (const [way, proxy] of Object.entries(options.ways)) await traffic.#open(way, proxy);
    } catch (error) {
      await traffic[Symbol.asyncDispose]();
      throw error;
    }
    return traffic;
  }

  /** The targets' sockets that are open now. */
  get targetSockets(): number {
    return this.#plain.sockets.size + this.#echo.sockets.size;
  }

  /** The connections of one way. */
  via(way: string): Flow[] {
    return this.flows.filter((flow) => flow.way === way);
  }

  /**
   * Lets `failure` happen, then waits as `passed` does. The longest silence of each connection from before the failure
   * until then is its gap.
   */
  async through(failure: () => Promise<void>): Promise<void> {
    for (const flow of this.flows) flow.watch();
    await failure();
    await this.passed();
    this.#gapsMs.push(...this.flows.flatMap((flow) => (flow.lost ? [] : (flow.gapMs() ?? []))));
  }

  /** Waits until every connection has passed something that is sent after this call, or is lost. */
  async passed(): Promise<void> {
    const passed = ({ kind, way }: Flow, wait: () => Promise<void>) =>
      withDeadline(PASS_DEADLINE_MS, `${kind} via ${way}`, wait);
    // One that is lost is in the tally; one that stands still fails when it is to finish.
    await Promise.allSettled(this.flows.map((flow) => passed(flow, () => flow.passed())));
  }

  /** No more new connections. Resolves when the last of them is gone. */
  async stopOpening(): Promise<void> {
    await Promise.all(this.#openings.map((openings) => openings.stop()));
  }

  /** Ends every connection in order, all bytes counted, and tells what became of them. */
  async finish(): Promise<Tally> {
    await this.stopOpening();
    // Whoever does not come to an end is lost, with the reason.
    await Promise.allSettled(this.flows.map((flow) => flow.finish()));
    return this.tally();
  }

  /** Of all connections, or of some. */
  tally(flows: readonly Flow[] = this.flows): Tally {
    const refused: Record<string, number> = {};
    for (const openings of this.#openings) {
      for (const [code, count] of openings.refused) refused[code] = (refused[code] ?? 0) + count;
    }
    return {
      connections: flows.length,
      lost: flows.flatMap(({ kind, way, lost }) => (lost ? [`${kind} via ${way}: ${lost.message}`] : [])),
      wrongBytes: flows.reduce((sum, { wrong }) => sum + wrong, 0),
      opened: this.#openings.reduce((sum, { opened }) => sum + opened, 0),
      refused,
      gapsMs: this.#gapsMs,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopOpening();
    for (const flow of this.flows) flow.destroy();
    await Promise.all([this.#plain, this.#echo].map((target) => target[Symbol.asyncDispose]()));
  }

  async #open(way: string, proxy: string): Promise<void> {
    const { host, seed } = this.#options;
    const connect = () => this.#plain.connect(proxy, host);
    const named = (kind: string) => ({ kind, way, name: `${seed} ${kind} ${way}` });
    const stream = async (kind: string, from: 'browser' | 'target', halfClosed: boolean) => {
      const pace = halfClosed ? TRICKLE : BULK;
      return StreamFlow.open({ ...named(kind), ...pace, from, halfClosed, ends: await connect() });
    };
    const exchange = async (kind: string, periodMs: number | undefined) =>
      ExchangeFlow.open({ ...named(kind), periodMs, ends: await connect() });
    const target = `ws://${host}:${this.#echo.port}/`;
    this.flows.push(await stream('upload', 'browser', false));
    this.flows.push(await stream('download', 'target', false));
    this.flows.push(await stream('half-closed by the browser', 'target', true));
    this.flows.push(await stream('half-closed by the target', 'browser', true));
    this.flows.push(await exchange('small requests', PERIOD_MS));
    this.flows.push(await exchange('idle keep-alive', undefined));
    this.flows.push(await WebSocketFlow.open({ ...named('WebSocket echo'), proxy, target, periodMs: PERIOD_MS }));
    this.#openings.push(new Openings(proxy, `${host}:${this.#plain.port}`));
  }
}
