import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const FIXTURE = fileURLToPath(new URL('./tiny-role.ts', import.meta.url));

export const TEST_SECRET = 'a secret for tests that is long enough';

export type Line = Record<string, unknown>;

/** The fixture role in a process of its own. */
export class RoleProcess {
  readonly child: ChildProcess;
  readonly lines: Line[] = [];
  stderr = '';
  readonly #exit: Promise<number | null>;
  readonly #waiting: { event: string; resolve: (line: Line) => void }[] = [];

  constructor(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.child = fork(FIXTURE, [...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { CULVERT_SECRET: TEST_SECRET, CULVERT_REDIS_URL: 'redis://127.0.0.1:1', ...env },
    });
    const { stdout, stderr } = this.child;
    if (!stdout || !stderr) throw new Error('the child was started without pipes');
    createInterface({ input: stdout }).on('line', (line) => this.#take(JSON.parse(line)));
    stderr.on('data', (chunk) => {
      this.stderr += chunk;
    });
    // Not `close`, which a child whose channel was disconnected from here never emits.
    const read = [finished(stdout), finished(stderr)];
    this.#exit = Promise.all([once(this.child, 'exit'), ...read]).then(([[code]]) => code);
  }

  /** The exit code, once the process has ended and its output is read. */
  exit(): Promise<number | null> {
    return this.#exit;
  }

  /** The first line of `event`, past or to come; rejects when the process ends without one. */
  async line(event: string): Promise<Line> {
    const seen = this.lines.find((line) => line.event === event);
    if (seen) return seen;
    const ended = this.#exit.then((code): Promise<Line> => {
      throw new Error(`the process ended (${code}) without ${event}: ${this.stderr}`);
    });
    return Promise.race([new Promise<Line>((resolve) => this.#waiting.push({ event, resolve })), ended]);
  }

  /** The `ready` message. */
  async ready(): Promise<Line> {
    const [message] = await once(this.child, 'message');
    return message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
  }

  #take(line: Line): void {
    this.lines.push(line);
    for (const waiting of this.#waiting) if (waiting.event === line.event) waiting.resolve(line);
  }
}
