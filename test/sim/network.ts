import { between, type Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { Timeline } from './timeline.ts';
import { type NetworkOptions, type Socket, Wire } from './wire.ts';

/** Who accepts connections at an address. */
export interface Listener {
  readonly process: SimProcess;
  /** `token`: what the dialer shows. Throws what the upgrade is refused with. */
  accept(socket: Socket, token: string): void;
}

/** All wires, and who listens where. */
export class Network {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly options: NetworkOptions;
  readonly #listeners = new Map<string, Listener>();
  #wires = new Set<Wire>();
  readonly #isolated = new Set<string>();
  readonly #made: (wire: Wire) => void;

  /** `made`: hears of each connection that is made. */
  constructor(timeline: Timeline, random: Random, options: NetworkOptions, made: (wire: Wire) => void) {
    this.#timeline = timeline;
    this.#random = random;
    this.options = options;
    this.#made = made;
  }

  listen(address: string, listener: Listener): void {
    this.#listeners.set(address, listener);
    listener.process.onDeath(() => {
      if (this.#listeners.get(address) === listener) this.#listeners.delete(address);
    });
  }

  /** Wires that are not over. */
  get wires(): Wire[] {
    this.#wires = new Set([...this.#wires].filter((wire) => !wire.over));
    return [...this.#wires];
  }

  isolated(host: string): boolean {
    return this.#isolated.has(host);
  }

  /** Cuts a host off: nothing goes in or out. `aware`: its own side sees its connections break at once. */
  isolate(host: string, aware: boolean): void {
    this.#isolated.add(host);
    for (const wire of this.wires) {
      if (!wire.joins(host)) continue;
      wire.blackHole();
      if (aware) this.#own(wire, host).process.after(0, () => this.#own(wire, host).lost('the network is down'));
    }
  }

  /** The host is back, with another address: what it had open before stays dead for the far sides. */
  join(host: string, sameAddress: boolean): void {
    this.#isolated.delete(host);
    if (!sameAddress) return;
    for (const wire of this.wires) if (wire.joins(host)) wire.heal();
  }

  /** A process dies: its kernel closes its sockets, unless the whole host is gone. */
  died(process: SimProcess, silently: boolean): void {
    for (const wire of this.wires) {
      if (!wire.joins(process.name)) continue;
      if (silently) wire.blackHole();
      else this.#own(wire, process.name).destroy();
    }
  }

  /** A connection from `process`. Resolves when the far side's listener has it; what it throws is the rejection. */
  connect(process: SimProcess, address: string, token: string, signal: AbortSignal): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const delay = (): number => between(this.#random, ...this.options.delayMs);
    const answer = (work: () => void): void => {
      process.after(delay(), work);
    };
    const refused = (why: string): void => reject(new Error(`cannot reach ${address}: ${why}`));
    const attempt = this.#timeline.at(this.#timeline.nowMs + delay(), () => {
      const listener = this.#listeners.get(address);
      if (this.#isolated.has(process.name) || this.#isolated.has(address)) return; // silence: the deadline ends it
      if (listener === undefined) return answer(() => refused('connection refused'));
      listener.process.after(0, () => {
        if (process.dead || signal.aborted) return;
        const wire = new Wire(this.#timeline, this.#random, this.options, [process, listener.process]);
        this.#wires.add(wire);
        this.#made(wire);
        try {
          listener.accept(wire.acceptor, token);
        } catch (error) {
          wire.cut([0, 0]);
          return answer(() => reject(error));
        }
        answer(() => {
          if (signal.aborted) wire.dialer.destroy();
          else if (wire.dialer.over) refused('connection reset');
          else resolve(wire.dialer);
        });
      });
    });
    const abort = (): void => {
      attempt();
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return promise;
  }

  #own(wire: Wire, host: string): Socket {
    return wire.dialer.process.name === host ? wire.dialer : wire.acceptor;
  }
}
