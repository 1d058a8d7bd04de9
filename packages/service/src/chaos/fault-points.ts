import { type Clock, CulvertError, type Logger, systemClock } from '@culvert/base';
import type { NodeChaos, NodeFault } from '@culvert/contracts';
import { Sockets } from './sockets.ts';

/** So that the answer to the order, and the line in the log, leave before the process does nothing more. ms. */
const LAST_WORDS_MS = 50;

export interface FaultPointsOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Of the jitter: 0 ≤ x < 1; injected by tests. */
  readonly random?: () => number;
  /** Ends the process at once, and stops it for so many ms; injected by tests. */
  readonly kill?: () => void;
  readonly freeze?: (ms: number) => void;
}

interface Active {
  readonly run: string;
  readonly type: NodeFault['type'];
  readonly endsAtMs: number;
  readonly cancel: () => void;
}

/**
 * What a node does to itself when a failure is rehearsed, one thing at a time. Made only where the configuration allows it.
 * Every fault has its own deadline here, in this process: nobody has to live for it to end.
 */
export class FaultPoints {
  readonly #options: FaultPointsOptions;
  readonly #clock: Clock;
  readonly #sockets = new Sockets();
  #active: Active | undefined;

  constructor(options: FaultPointsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Begins in a moment, after this has returned. @throws CulvertError chaos_active */
  begin(run: string, fault: NodeFault): void {
    if (this.#active) {
      throw new CulvertError('chaos_active', `${this.#active.type} of ${this.#active.run} is under way on this node.`);
    }
    const durationMs = fault.type === 'kill' ? 0 : fault.durationMs;
    const words = `rehearsing a failure: ${fault.type}${durationMs > 0 ? ` for ${durationMs} ms` : ''}`;
    this.#options.logger.warn({ event: 'chaos.begin', run, ...fault }, words);
    const end = (): void => this.#end('its time is over');
    const begin = (): void => {
      this.#carryOut(fault);
      // What stood still has lasted by now.
      const cancel = fault.type === 'freeze' ? this.#clock.after(0, end) : this.#clock.after(durationMs, end);
      if (this.#active) this.#active = { ...this.#active, cancel };
    };
    const endsAtMs = this.#clock.monotonic() + LAST_WORDS_MS + durationMs;
    this.#active = { run, type: fault.type, endsAtMs, cancel: this.#clock.after(LAST_WORDS_MS, begin) };
  }

  /** Ends what is under way, of this run or any; nothing to do when nothing is. */
  end(run?: string): void {
    if (run === undefined || this.#active?.run === run) this.#end('it was called off');
  }

  get state(): NodeChaos {
    const active = this.#active;
    if (!active) return { allowed: true, active: null };
    const leftMs = Math.max(0, Math.round(active.endsAtMs - this.#clock.monotonic()));
    return { allowed: true, active: { run: active.run, type: active.type, leftMs } };
  }

  close(): void {
    this.end();
    this.#sockets.close();
  }

  #carryOut(fault: NodeFault): void {
    const { kill = killSelf, freeze = standStill, random = Math.random } = this.#options;
    switch (fault.type) {
      case 'kill':
        return kill();
      case 'freeze':
        return freeze(fault.durationMs);
      case 'cut':
        if (fault.reset) return this.#sockets.reset(fault.from);
        return this.#sockets.brake(fault.from, 'held');
      case 'slow': {
        const { byMs, jitterMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = fault;
        return this.#sockets.brake(fault.what, { delayMs: () => byMs + random() * jitterMs, bytesPerSecond });
      }
    }
  }

  #end(why: string): void {
    const active = this.#active;
    if (!active) return;
    active.cancel();
    this.#active = undefined;
    this.#sockets.release();
    const fields = { event: 'chaos.end', run: active.run, type: active.type };
    this.#options.logger.warn(fields, `the rehearsed failure is over (${active.type}): ${why}`);
  }
}

function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** For everybody else it is as SIGSTOP: no timer runs and no socket is read; the kernel goes on taking connections. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
