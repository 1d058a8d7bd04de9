import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const START_DEADLINE_MS = 20_000;

// A helper ends with its parent, also while it is still starting.
if (process.connected) process.once('disconnect', () => process.exit(0));

/** What a helper says: what its job came to, or something on the way. */
type Message<A> = { readonly result: A } | { readonly error: string } | { readonly note: unknown };

/** A process of its own that runs a script of this folder and does jobs, one at a time. */
export class Helper<J extends object, A> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;

  /** Resolves once the script serves jobs. */
  static async start<J extends object, A>(script: string, ...args: string[]): Promise<Helper<J, A>> {
    const stdio: ['ignore', 'inherit', 'inherit', 'ipc'] = ['ignore', 'inherit', 'inherit', 'ipc'];
    // Structured cloning, for what a job answers may be arrays of numbers.
    const child = fork(join(import.meta.dirname, script), args, { stdio, serialization: 'advanced' });
    const helper = new Helper<J, A>(child, script);
    await helper.#reply(START_DEADLINE_MS);
    return helper;
  }

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects with what the job threw, when the process ends before, or after `deadlineMs`. */
  async ask(job: J, deadlineMs: number): Promise<A> {
    const reply = this.#reply(deadlineMs);
    this.#child.send(job);
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Hears what the script tells while it is at work. */
  onNote(listener: (note: unknown) => void): void {
    this.#child.on('message', (message: Message<A>) => 'note' in message && listener(message.note));
  }

  #reply(deadlineMs: number): Promise<A> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        act();
      };
      const fail = (why: string): void => settle(() => reject(new Error(`${this.#name} ${why}`)));
      const onExit = (code: number | null, signal: string | null): void => fail(`ended with ${code ?? signal}`);
      const onMessage = (message: Message<A>): void => {
        if ('error' in message) fail(`failed: ${message.error}`);
        else if ('result' in message) settle(() => resolve(message.result));
      };
      const timer = setTimeout(() => fail(`gave no answer within ${deadlineMs} ms`), deadlineMs);
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  }
}

/** The side of the process: does jobs as they come. */
export function serveJobs<J, A>(run: (job: J) => Promise<A>): void {
  const send = (message: Message<A | undefined>): void => void process.send?.(message);
  process.on('message', (job: J) => {
    run(job).then(
      (result) => send({ result }),
      (error: Error) => send({ error: error.stack ?? error.message }),
    );
  });
  send({ result: undefined });
}

/** Told to whoever listens with `onNote`. */
export function sendNote(note: unknown): void {
  process.send?.({ note });
}
