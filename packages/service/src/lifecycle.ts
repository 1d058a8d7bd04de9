import { CulvertError, type Logger, type Scope, withDeadline } from '@culvert/base';

/** Signals closer together than this are one: a terminal and a parent may both pass Ctrl-C on. */
const SAME_SIGNAL_MS = 500;

/** Exit codes of a role. */
export const EXIT = { ok: 0, failed: 1, config: 2, interrupted: 130 } as const;

export interface LifecycleOptions {
  readonly logger: Logger;
  /** Called for a second signal: exit now. */
  readonly exitNow: (code: number) => void;
}

/** Decides when a process stops, and with which exit code. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #stopping = new AbortController();
  readonly #handlers: readonly (readonly [string, (arg: unknown) => void])[];
  #exitCode: number = EXIT.ok;
  #signalledAt: number | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#handlers = [
      ['SIGTERM', () => this.#signal('SIGTERM')],
      ['SIGINT', () => this.#signal('SIGINT')],
      ['disconnect', () => this.#stop('parent.gone', 'the parent process is gone: stopping')],
      ['uncaughtException', (error) => this.fatal('uncaught exception', error)],
      ['unhandledRejection', (error) => this.fatal('unhandled rejection', error)],
      ['warning', (warning) => this.#warning(warning)],
    ];
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  /** From here on signals are ours. Undone by the returned function. */
  listen(): () => void {
    // Node's own listener prints warnings as plain text, between lines of JSON.
    process.removeAllListeners('warning');
    for (const [name, handler] of this.#handlers) process.on(name, handler);
    return () => {
      for (const [name, handler] of this.#handlers) process.off(name, handler);
    };
  }

  /** Something that should run for the life of the process has failed: an ordered stop, and exit code 1. */
  fatal(what: string, error: unknown): void {
    this.#exitCode = EXIT.failed;
    this.#options.logger.error({ event: 'node.fatal', what, err: error }, `${what}: stopping`);
    this.#stopping.abort();
  }

  /** Resolves when the process is to stop. */
  stopped(): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Ends what the scope owns, in reverse order. The exit code then tells whether all of it ended in time. */
  async close(scope: Scope, deadlineMs: number): Promise<void> {
    const { logger } = this.#options;
    let step = '';
    try {
      await withDeadline(deadlineMs, 'the ordered stop', () =>
        scope.close((name) => {
          step = name;
          logger.debug({ event: 'node.stop_step', step }, `ending ${name}`);
        }),
      );
    } catch (error) {
      this.#exitCode = EXIT.failed;
      const late = error instanceof CulvertError && error.code === 'timeout';
      logger.error(
        { event: 'node.stop_failed', err: error, ...(late ? { step } : {}) },
        late ? `the stop hangs at ${step}: exiting all the same` : 'the stop was not clean',
      );
    }
  }

  #warning(warning: unknown): void {
    const experimental = warning instanceof Error && warning.name === 'ExperimentalWarning';
    const level = experimental ? 'debug' : 'warn';
    this.#options.logger[level]({ event: 'node.warning', err: warning }, 'a warning of Node.js');
  }

  #signal(name: string): void {
    const now = performance.now();
    if (this.#signalledAt === undefined) {
      this.#signalledAt = now;
      this.#stop('node.signal', `${name}: stopping in order; a second one exits at once`);
    } else if (now - this.#signalledAt >= SAME_SIGNAL_MS) {
      this.#options.exitNow(EXIT.interrupted);
    }
  }

  #stop(event: string, message: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.logger.info({ event }, message);
    this.#stopping.abort();
  }
}
