import type { Flow } from '../chaos/flow.ts';
import { ExchangeFlow } from '../chaos/flows/exchange.ts';
import { StreamFlow } from '../chaos/flows/stream.ts';
import { startWebSocketEcho, WebSocketFlow } from '../chaos/flows/web-socket.ts';
import { Openings } from '../chaos/openings.ts';
import { Rendezvous } from '../chaos/rendezvous.ts';
import type { Tally } from '../chaos/traffic.ts';
import type { Target } from '../targets/target.ts';
import type { Member } from './crowd.ts';

/** Never a pause that a person would notice, and not so much that the machine is the limit. */
const PERIOD_MS = 50;
const PIECE_BYTES = 1_024;
/** New connections come all the time through so many of the sessions. */
const OPENERS = 4;
const PARALLEL = 10;

/** One busy connection, and whose session it belongs to. */
export interface BusyConnection {
  readonly session: string;
  readonly flow: Flow;
}

/**
 * One connection that never pauses for each of these sessions: uploads, downloads, small requests and WebSockets in turn, each
 * byte compared; and new connections that come and go through some of them.
 */
export class Busy implements AsyncDisposable {
  readonly connections: BusyConnection[] = [];
  readonly #plain: Rendezvous;
  readonly #echo: Target;
  readonly #host: string;
  #openings: Openings[] = [];

  private constructor(host: string, plain: Rendezvous, echo: Target) {
    this.#host = host;
    this.#plain = plain;
    this.#echo = echo;
  }

  /** `host`: a name that the agents resolve to this machine. Connections take the gateways in turn. */
  static async start(members: readonly Member[], host: string, gateways: readonly string[]): Promise<Busy> {
    const busy = new Busy(host, await Rendezvous.start(), await startWebSocketEcho());
    try {
      const jobs = members.map((member, index) => ({ member, index }));
      const work = async (): Promise<void> => {
        for (let job = jobs.shift(); job; job = jobs.shift()) await busy.#open(job.member, job.index, gateways);
      };
      await Promise.all(Array.from({ length: PARALLEL }, work));
      busy.#openings = members
        .slice(0, OPENERS)
        .map((member, index) => new Openings(via(member, gateways, index), `${host}:${busy.#plain.port}`));
    } catch (error) {
      await busy[Symbol.asyncDispose]();
      throw error;
    }
    return busy;
  }

  /** So many members, the first ones, have connections that come and go beside the one that stays. */
  get openers(): number {
    return this.#openings.length;
  }

  /** Sockets that the plain target has accepted since the start. */
  get accepted(): number {
    return this.#plain.accepted;
  }

  /** Silences count from now on. */
  watch(): void {
    for (const { flow } of this.connections) flow.watch();
  }

  /** Waits until every connection has passed something that is sent after this call, or is lost. */
  async passed(): Promise<void> {
    await Promise.allSettled(this.connections.map(({ flow }) => flow.passed()));
  }

  /** The longest silence of each since `watch`, ms. */
  gapsMs(): number[] {
    return this.connections.flatMap(({ flow }) => flow.gapMs() ?? []);
  }

  /** What became of them up to now. New connections go on. */
  tally(): Tally {
    const flows = this.connections.map(({ flow }) => flow);
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
      gapsMs: this.gapsMs(),
    };
  }

  /** Ends some in order, all bytes counted. */
  async finish(connections: readonly BusyConnection[] = this.connections): Promise<void> {
    if (connections === this.connections) await Promise.all(this.#openings.map((openings) => openings.stop()));
    await Promise.allSettled(connections.map(({ flow }) => flow.finish()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#openings.map((openings) => openings.stop()));
    for (const { flow } of this.connections) flow.destroy();
    await Promise.all([this.#plain, this.#echo].map((target) => target[Symbol.asyncDispose]()));
  }

  async #open(member: Member, index: number, gateways: readonly string[]): Promise<void> {
    const proxy = via(member, gateways, index);
    const flow = await this.#flow(member, index, proxy);
    this.connections.push({ session: member.sessionId, flow });
  }

  async #flow({ sessionId: way }: Member, index: number, proxy: string): Promise<Flow> {
    const named = (kind: string) => ({ kind, way, name: `${kind} ${way}` });
    const connect = () => this.#plain.connect(proxy, this.#host);
    const pace = { pieceBytes: PIECE_BYTES, periodMs: PERIOD_MS, halfClosed: false };
    switch (index % 4) {
      case 0:
        return StreamFlow.open({ ...named('upload'), ...pace, from: 'browser', ends: await connect() });
      case 1:
        return StreamFlow.open({ ...named('download'), ...pace, from: 'target', ends: await connect() });
      case 2:
        return ExchangeFlow.open({ ...named('small requests'), periodMs: PERIOD_MS, ends: await connect() });
      default: {
        const target = `ws://${this.#host}:${this.#echo.port}/`;
        return WebSocketFlow.open({ ...named('WebSocket echo'), proxy, target, periodMs: PERIOD_MS });
      }
    }
  }
}

/** The member's proxy URL at one of the gateways, these in turn. */
function via({ proxy }: Member, gateways: readonly string[], index: number): string {
  const url = new URL(proxy);
  const gateway = gateways[index % gateways.length];
  if (gateway !== undefined) url.host = new URL(gateway).host;
  return url.href;
}
