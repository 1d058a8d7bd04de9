import type { Random } from './random.ts';
import { EPOCH_MS, SimProcess } from './sim-process.ts';
import type { Cancel, Timeline } from './timeline.ts';

/** A timer as Node.js hands it out, as far as anybody looks at it. */
class VirtualTimer {
  cancel: Cancel = () => undefined;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

type Callback = (...args: unknown[]) => void;

/**
 * Puts virtual time and seeded chance in the place of the process's own, so that code under test runs as it is, with
 * or without a clock handed to it. What is asked for belongs to the simulated process whose event is being carried
 * out. Returns what undoes it.
 */
export function installGlobals(timeline: Timeline, chance: Random): () => void {
  const undo: (() => void)[] = [];
  const replace = (owner: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, before);
    });
  };
  const arm = (delayMs: number, run: () => void): Cancel => {
    const process = SimProcess.current;
    return process === undefined ? timeline.at(timeline.nowMs + delayMs, run) : process.after(delayMs, run, true);
  };
  const once = (run: Callback, delayMs = 1, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.cancel = arm(Math.max(1, delayMs), () => run(...args)); // Node.js takes less than 1 ms for 1 ms, too
    return timer;
  };
  const again = (run: Callback, delayMs = 1, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    const tick = (): void => {
      timer.cancel = arm(Math.max(1, delayMs), tick);
      run(...args);
    };
    timer.cancel = arm(Math.max(1, delayMs), tick);
    return timer;
  };
  const immediate = (run: Callback, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.cancel = arm(0, () => run(...args));
    return timer;
  };
  const clear = (timer: unknown): void => {
    if (timer instanceof VirtualTimer) timer.cancel();
  };
  const random = (): Random => SimProcess.current?.random ?? chance;
  const fill = <T extends Uint8Array>(bytes: T): T => {
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = random().below(256);
    return bytes;
  };
  replace(globalThis, 'setTimeout', once);
  replace(globalThis, 'setInterval', again);
  replace(globalThis, 'setImmediate', immediate);
  replace(globalThis, 'clearTimeout', clear);
  replace(globalThis, 'clearInterval', clear);
  replace(globalThis, 'clearImmediate', clear);
  replace(Date, 'now', () => EPOCH_MS + Math.floor(timeline.nowMs));
  replace(performance, 'now', () => timeline.nowMs);
  replace(Math, 'random', () => random().next());
  replace(globalThis.crypto, 'getRandomValues', fill);
  return () => {
    for (const step of undo.toReversed()) step();
  };
}
