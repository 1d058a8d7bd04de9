import { type ChildProcess, spawn } from 'node:child_process';
import { withDeadline } from '@culvert/base';
import { eventually } from './eventually.ts';

/** What npm or a test run around this one has set: a person in a terminal has none of it. */
const NOT_A_PERSONS = /^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|INIT_CWD$|CULVERT_(?!TEST_RUN$))/;
const START_DEADLINE_MS = 60_000;
const END_DEADLINE_MS = 30_000;

export interface CommandExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command as a person starts it in a terminal: in the foreground, with a process group of its own. */
export class Command implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exit: Promise<CommandExit>;
  #output = '';

  constructor(line: readonly [string, ...string[]], options: { cwd: string; env?: Readonly<Record<string, string>> }) {
    const [program, ...args] = line;
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_A_PERSONS.test(name));
    this.#child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...Object.fromEntries(inherited), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#exit = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the command did not start');
    return pid;
  }

  /** What it has written so far, to both outputs. */
  get output(): string {
    return this.#output;
  }

  /** The first match in what it writes, or has written. Fails with all of its output after the deadline. */
  async saying(pattern: RegExp, deadlineMs = START_DEADLINE_MS): Promise<RegExpExecArray> {
    try {
      return await eventually(`${pattern}`, () => pattern.exec(this.#output) ?? undefined, deadlineMs);
    } catch (cause) {
      throw new Error(`${String(cause)}; it said:\n${this.#output}`, { cause });
    }
  }

  /** As Ctrl-C in a terminal does: every process in the foreground gets it. */
  interruptGroup(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** To this process alone. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. */
  ended(deadlineMs = END_DEADLINE_MS): Promise<CommandExit> {
    return withDeadline(deadlineMs, `the end of process ${this.pid}`, () => this.#exit);
  }

  /** Whatever happened: it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(-this.pid, 'SIGKILL');
    await this.#exit;
  }
}
