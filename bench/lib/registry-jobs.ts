import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const START_DEADLINE_MS = 20_000;

/** What a helper answers with. */
type Reply<A> = { readonly result: A } | { readonly error: string };

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

  async #reply(deadlineMs: number): Promise<A> {
    const signal = AbortSignal.timeout(deadlineMs);
    const settled = new AbortController();
    const either = { signal: AbortSignal.any([signal, settled.signal]) };
    const message = once(this.#child, 'message', either).then(([reply]) => reply as Reply<A>);
    const exit = once(this.#child, 'exit', either).then(([code]): never => {
      throw new Error(`${this.#name} ended with ${code}`);
    });
    try {
      const reply = await Promise.race([message, exit]);
      if ('error' in reply) throw new Error(`${this.#name}: ${reply.error}`);
      return reply.result;
    } catch (error) {
      if (signal.aborted) throw new Error(`${this.#name} gave no answer within ${deadlineMs} ms`);
      throw error;
    } finally {
      settled.abort();
      await Promise.allSettled([message, exit]);
    }
  }
}

/** The side of the process: does jobs as they come, and ends with its parent. */
export function serveJobs<J, A>(run: (job: J) => Promise<A>): void {
  const send = (reply: Reply<A | undefined>): void => void process.send?.(reply);
  process.on('message', (job: J) => {
    run(job).then(
      (result) => send({ result }),
      (error: Error) => send({ error: error.stack ?? error.message }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  send({ result: undefined });
}
