import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { CulvertError, withDeadline } from '@culvert/base';
import { EventLines } from './event-lines.ts';
import { openLog, readTail, rotateLog } from './log-file.ts';
import { findLogLine, type LogLine, readLog } from './log-lines.ts';
import { signalProcess } from './processes.ts';

export interface ProcessSpec {
  readonly role: string;
  readonly id: string;
  /** The script and its arguments. No secrets: process lists show them. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly readyDeadlineMs: number;
  /** After SIGTERM; past it the process is killed. */
  readonly stopDeadlineMs: number;
  /** Its output is JSON events, and this one says that it is ready; unless given, a `ReadyMessage` over IPC does. */
  readonly readyEvent?: string;
  /** Flags for a start that is not the first, from what the first one told: the same ports again, say. */
  readonly argsAfter?: (first: Readiness) => readonly string[];
}

/** What a process told about itself when it was ready; more fields than these may be there. */
export interface Readiness {
  readonly type: 'ready';
  /** URLs by name. */
  readonly addresses?: Readonly<Record<string, string>>;
  readonly boot?: string;
  readonly version?: string;
  readonly [field: string]: unknown;
}

export interface ProcessExit {
  readonly role: string;
  readonly id: string;
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether this cluster had asked it to end. */
  readonly expected: boolean;
  readonly logTail: string;
}

/** How a life ended. */
interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of the process. */
interface Life {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ready: Promise<Readiness>;
  readonly gone: Promise<Ending>;
  expected: boolean;
  /** SIGTERM was sent; to a role a second one means: at once. */
  told: boolean;
  /** Until then, its end is start()'s to tell. */
  wasReady: boolean;
}

const TAIL_LINES = 15;

/**
 * A child process that says when it is ready over its IPC channel, and ends by itself when that closes. It leads a
 * process group of its own, so that Ctrl-C in a terminal reaches it only through its cluster, in the right order.
 */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  readonly #onExit: (exit: ProcessExit) => void;
  #life: Life | undefined;
  #first: Readiness | undefined;
  #readiness: Readiness | undefined;
  #events: EventLines | undefined;
  #lastEnd: (Ending & Pick<ProcessExit, 'expected'>) | undefined;

  constructor(spec: ProcessSpec, onExit: (exit: ProcessExit) => void) {
    this.spec = spec;
    this.#onExit = onExit;
  }

  get id(): string {
    return this.spec.id;
  }

  get role(): string {
    return this.spec.role;
  }

  /** Of the life that runs now; undefined when none does. */
  get pid(): number | undefined {
    return this.#life?.pid;
  }

  /** It runs and has said that it is ready. */
  get ready(): boolean {
    return this.#life?.wasReady === true;
  }

  /** How its last life ended that was ready; undefined: none has. */
  get lastEnd(): Pick<ProcessExit, 'code' | 'signal' | 'expected'> | undefined {
    return this.#lastEnd;
  }

  get boot(): string | undefined {
    return this.#readiness?.boot;
  }

  get version(): string | undefined {
    return this.#readiness?.version;
  }

  /** What it told last when it became ready. */
  get readiness(): Readiness {
    if (!this.#readiness) throw new Error(`${this.id} has not been ready yet`);
    return this.#readiness;
  }

  /** The same; undefined: it has not been ready yet. */
  get lastReadiness(): Readiness | undefined {
    return this.#readiness;
  }

  /** A URL that it told when it was ready, by name: `admin`, `proxy` … */
  address(name: string): string {
    const address = this.readiness.addresses?.[name];
    if (address === undefined) throw new Error(`${this.id} has no address called ${name}`);
    return address;
  }

  /** Starts it and waits until it is ready. Rejects with `start_failed`, with the end of its log; it is gone then. */
  async start(): Promise<Readiness> {
    if (this.#life) throw new Error(`${this.id} runs already`);
    const life = this.#spawn();
    try {
      const readiness = await withDeadline(this.spec.readyDeadlineMs, `the start of ${this.id}`, () => life.ready);
      this.#first ??= readiness;
      this.#readiness = readiness;
      life.wasReady = true;
      return readiness;
    } catch (error) {
      await this.kill('SIGKILL');
      const reason = error instanceof Error ? error.message : String(error);
      const tail = await readTail(this.spec.logFile, TAIL_LINES);
      throw new CulvertError(
        'start_failed',
        `${this.id} did not start: ${reason}\nthe end of ${this.spec.logFile}:\n${tail}`,
        { cause: error },
      );
    }
  }

  /**
   * SIGTERM, and SIGKILL after `graceMs` (its own stop deadline unless given); of several calls the earliest end counts.
   * Resolves when it is gone; at once when it does not run.
   */
  async stop(graceMs = this.spec.stopDeadlineMs): Promise<void> {
    const life = this.#life;
    if (!life) return;
    life.expected = true;
    if (!life.told) signalProcess(life.pid, 'SIGTERM');
    life.told = true;
    signalProcess(life.pid, 'SIGCONT'); // one that a test had stopped would not see it
    const timer = setTimeout(() => signalProcess(life.pid, 'SIGKILL'), graceMs);
    await life.gone;
    clearTimeout(timer);
  }

  /** Sends a signal. Resolves when the process is gone if the signal ends it (SIGKILL), else at once. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const life = this.#life;
    if (!life) return;
    life.expected = true;
    signalProcess(life.pid, signal);
    if (signal === 'SIGKILL') await life.gone;
  }

  /** Stop, then start again with the same id and on the same ports. */
  async restart(): Promise<Readiness> {
    await this.stop();
    return this.start();
  }

  /** What a `--json` command has told in this life, latest last. */
  get events(): readonly LogLine[] {
    return this.#events?.all ?? [];
  }

  /** The log's lines of this run. */
  log(): Promise<LogLine[]> {
    return readLog(this.spec.logFile);
  }

  /** The first line, written already or within `deadlineMs`, that satisfies `test`. */
  waitForLog(test: (line: LogLine) => boolean, deadlineMs = 10_000): Promise<LogLine> {
    return findLogLine(this.spec.logFile, test, deadlineMs);
  }

  rotateLog(): Promise<void> {
    return rotateLog(this.spec.logFile);
  }

  #spawn(): Life {
    const { id, args, env, logFile, argsAfter, readyEvent } = this.spec;
    const all = this.#first && argsAfter ? [...args, ...argsAfter(this.#first)] : args;
    const log = openLog(logFile, { fresh: this.#first === undefined });
    const output = readyEvent === undefined ? log : 'pipe';
    let child: ChildProcess;
    try {
      child = spawn(process.execPath, all, { stdio: ['ignore', output, log, 'ipc'], env, detached: true });
    } finally {
      closeSync(log);
    }
    const gone = whenGone(child);
    if (child.pid === undefined) throw new CulvertError('start_failed', `${id}: ${process.execPath} does not start`);
    if (child.stdout)
      this.#events = new EventLines(child.stdout, logFile, (error) =>
        process.emitWarning(`the log of ${id}: ${error.message}`),
      );
    const ready = this.#whenReady(child, gone);
    const life: Life = { child, pid: child.pid, ready, gone, expected: false, told: false, wasReady: false };
    this.#life = life;
    void gone.then((how) => this.#exited(life, how));
    return life;
  }

  #whenReady(child: ChildProcess, gone: Promise<Ending>): Promise<Readiness> {
    const { readyEvent } = this.spec;
    const ended = new AbortController();
    const early = gone.then(({ code, signal }) => {
      const error = new Error(`it ended with ${signal ?? `exit code ${code}`}`);
      ended.abort(error);
      throw error;
    });
    const told =
      this.#events && readyEvent
        ? this.#events.first(({ event }) => event === readyEvent, ended.signal).then(asReadiness)
        : readyMessage(child);
    const ready = Promise.race([told, early]);
    // Nobody waits for a life that start() has given up.
    for (const promise of [ready, told, early]) promise.catch(() => undefined);
    return ready;
  }

  async #exited(life: Life, how: Ending): Promise<void> {
    this.#life = undefined;
    if (!life.wasReady) return;
    this.#lastEnd = { ...how, expected: life.expected };
    const { role, id, logFile } = this.spec;
    const logTail = life.expected ? '' : await readTail(logFile, TAIL_LINES);
    this.#onExit({ role, id, pid: life.pid, ...how, expected: life.expected, logTail });
  }
}

function whenGone(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null })); // it never was
  });
}

function readyMessage(child: ChildProcess): Promise<Readiness> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (isReadiness(message)) resolve(message);
    });
  });
}

function asReadiness(line: LogLine): Readiness {
  return { ...line, type: 'ready' };
}

function isReadiness(message: unknown): message is Readiness {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}
