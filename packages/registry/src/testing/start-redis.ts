import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_TIMEOUT_MS = 10_000;
/** A port found free may be taken before the server binds it. */
const ATTEMPTS = 5;

export interface TestRedisOptions {
  /** Further arguments of redis-server, such as `['--requirepass', 'x']`. */
  readonly args?: readonly string[];
  /** Listens here; default: a free port. To come back after a `stop`, pass the `port` it had. */
  readonly port?: number;
}

/** A real redis-server of one test: on loopback, without persistence, in a directory that goes with it. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGSTOP: connected, but silent. */
  freeze(): void;
  thaw(): void;
  /** Ends the server at once and removes its directory. Idempotent. */
  stop(): Promise<void>;
}

/** Starts `redis-server` or `valkey-server` (or what CULVERT_REDIS_SERVER names) and resolves once it accepts connections. */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'culvert-redis-'));
  const programs = [process.env.CULVERT_REDIS_SERVER, 'redis-server', 'valkey-server'].filter((p) => p !== undefined);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = options.port ?? (await freePort());
    for (const program of programs) {
      const child = await tryStart(program, port, directory, options.args ?? []);
      if (child) return running(child, port, directory);
    }
  }
  await rm(directory, { recursive: true, force: true });
  throw new Error(`none of ${programs.join(', ')} could be started`);
}

async function tryStart(
  program: string,
  port: number,
  directory: string,
  args: readonly string[],
): Promise<ChildProcess | undefined> {
  const child = spawn(
    program,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'],
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
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
      if (log.includes('Ready to accept connections')) settle(true);
    });
  });
  if (await ready) return child;
  child.kill('SIGKILL');
  return undefined;
}

function running(child: ChildProcess, port: number, directory: string): TestRedis {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await rm(directory, { recursive: true, force: true });
  };
  const stopOnce = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
