import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_TIMEOUT_MS = 10_000;
/** A port found free may be taken before the server binds it. */
const ATTEMPTS = 5;

export interface ServerOptions {
  /** What it is told on its command line; the port is one of these ports, `dir` is its directory. */
  readonly args: (port: number, dir: string) => readonly string[] | Promise<readonly string[]>;
  /** Listens here; default: a free port. */
  readonly port?: number;
  /** The log line that tells that it can be used; default: that of a plain server. */
  readonly readyLine?: string;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A redis-server process in a directory of its own under the system's temporary one. */
export class TestServer implements AsyncDisposable {
  readonly port: number;
  readonly dir: string;
  readonly #options: ServerOptions;
  readonly #program: string;
  #child: ChildProcess;

  /**
   * Starts `redis-server` or `valkey-server` (or what CULVERT_REDIS_SERVER names) and resolves once it is ready.
   * `prepare` is called with the directory before the first start.
   */
  static async start(options: ServerOptions, prepare?: (dir: string) => Promise<void>): Promise<TestServer> {
    const dir = await mkdtemp(join(tmpdir(), 'culvert-redis-'));
    await prepare?.(dir);
    const programs = [process.env.CULVERT_REDIS_SERVER, 'redis-server', 'valkey-server'].filter((p) => p !== undefined);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const port = options.port ?? (await freePort());
      for (const program of programs) {
        const child = await launch(program, options, port, dir);
        if (child) return new TestServer(options, program, port, dir, child);
      }
    }
    await rm(dir, { recursive: true, force: true });
    throw new Error(`none of ${programs.join(', ')} could be started`);
  }

  private constructor(options: ServerOptions, program: string, port: number, dir: string, child: ChildProcess) {
    this.#options = options;
    this.#program = program;
    this.port = port;
    this.dir = dir;
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** SIGSTOP: connected, but silent. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** SIGKILL, which ends a frozen process, too. Its directory stays. Idempotent. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Kills it and starts it again on its port; `empty`: without what it has saved. */
  async restart({ empty = false } = {}): Promise<void> {
    await this.kill();
    if (empty) {
      await rm(this.dir, { recursive: true, force: true });
      await mkdir(this.dir);
    }
    const child = await launch(this.#program, this.#options, this.port, this.dir);
    if (!child) throw new Error(`${this.#program} could not be started again on port ${this.port}`);
    this.#child = child;
  }

  /** Kills it and removes its directory. Idempotent. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function launch(
  program: string,
  options: ServerOptions,
  port: number,
  dir: string,
): Promise<ChildProcess | undefined> {
  const { readyLine = 'Ready to accept connections', env } = options;
  const child = spawn(program, [...(await options.args(port, dir))], {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: dir,
    env: { ...process.env, ...env },
  });
  let log = '';
  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
    const settle = (up: boolean): void => {
      clearTimeout(timer);
      resolve(up);
    };
    child.once('error', () => settle(false)); // no such program
    child.once('exit', () => settle(false)); // the port was taken
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes(readyLine)) settle(true);
    });
  });
  if (await ready) return child;
  child.kill('SIGKILL');
  return undefined;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
