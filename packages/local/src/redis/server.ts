import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CulvertError, sleep } from '@culvert/base';
import { findFreePort } from '../free-port.ts';
import { readTail } from '../log-file.ts';
import { signalProcess } from '../processes.ts';
import { pingRedis } from './inspect.ts';

export interface RedisServerOptions {
  /** The program, as `findRedisBinary` found it. */
  readonly binary: string;
  /** Its data and its configuration; created when absent. */
  readonly dir: string;
  readonly logFile: string;
  readonly password: string;
  /** False: nothing is kept over a restart (tests that do not need it are quicker). */
  readonly durable?: boolean;
}

/** Loading a large append-only file takes a while; a server that never answers must not hang the start. */
const READY_DEADLINE_MS = 30_000;
const READY_POLL_MS = 25;
/** Redis flushes its append-only file on SIGTERM; past this it is killed. */
const STOP_DEADLINE_MS = 5_000;
/** Somebody may take the free port between the look and the start. */
const PORT_ATTEMPTS = 5;

/**
 * A guard forked before `exec` reads descriptor 3, a pipe whose other end only the starter holds. Its end without a
 * line means that the starter died: so Redis ends with it even after SIGKILL, and at no moment would it not.
 * SIGCONT, because a stopped process does not see SIGTERM.
 */
const GUARDED = '{ read -r _ <&3 || { kill -TERM $$; kill -CONT $$; }; } >/dev/null 2>&1 & exec "$@" 3<&-';
/** Dismisses the guard: Redis is gone, and its pid may soon be somebody else's. */
const DISMISS = '\n';

/** A private Redis: on loopback, behind a password, on a port of its own that it keeps over restarts. */
export class RedisServer {
  readonly port: number;
  readonly #options: RedisServerOptions;
  #child: ChildProcess | undefined;
  #onDeath: ((words: string) => void) | undefined;

  private constructor(options: RedisServerOptions, port: number) {
    this.#options = options;
    this.port = port;
  }

  /** Starts one on a free port; resolves when it answers. Rejects with `start_failed`. */
  static async start(options: RedisServerOptions): Promise<RedisServer> {
    for (let attempt = 1; ; attempt += 1) {
      const server = new RedisServer(options, await findFreePort());
      try {
        await server.start();
        return server;
      } catch (error) {
        const clash = (await readTail(options.logFile, 20)).includes('Address already in use');
        if (!clash || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  /** With its password: for processes and files that only this user reads. */
  get url(): string {
    return `redis://:${this.#options.password}@127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Called when it ends without having been asked to, with the reason and its last words. */
  onDeath(listener: (words: string) => void): void {
    this.#onDeath = listener;
  }

  /** Starts it again on the same port; `empty`: without what it had stored. Nothing to do while it runs. */
  async start({ empty = false }: { empty?: boolean } = {}): Promise<void> {
    if (this.#child) return;
    const { binary, dir, logFile } = this.#options;
    if (empty) await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const config = join(dir, 'redis.conf');
    await writeFile(config, this.#configuration(), { mode: 0o600 });
    const log = openSync(logFile, 'a', 0o600);
    try {
      // Detached: Ctrl-C in a terminal must not reach it before the processes that use it have ended.
      this.#child = spawn('/bin/sh', ['-c', GUARDED, 'sh', binary, config], {
        stdio: ['ignore', log, log, 'pipe'],
        detached: true,
      });
    } finally {
      closeSync(log);
    }
    const child = this.#child;
    child.once('error', () => undefined); // no pid then; `exit` or the deadline below says so
    child.once('exit', (code, signal) => this.#exited(child, `${signal ?? `exit code ${code}`}`));
    await this.#untilReady(child);
  }

  /** Ends it and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child?.pid) return;
    this.#child = undefined;
    const gone = once(child, 'exit');
    signalProcess(child.pid, signal);
    signalProcess(child.pid, 'SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await gone;
    clearTimeout(timer);
  }

  #configuration(): string {
    const { dir, password, durable = true } = this.#options;
    // noeviction: BullMQ and the settings lose data under any other policy. The password stands here, not in argv.
    return [
      'bind 127.0.0.1',
      `port ${this.port}`,
      `requirepass ${password}`,
      `dir "${dir}"`,
      'daemonize no',
      'maxmemory-policy noeviction',
      'save ""',
      `appendonly ${durable ? 'yes' : 'no'}`,
      'appendfsync everysec',
      '',
    ].join('\n');
  }

  #exited(child: ChildProcess, how: string): void {
    const guard = child.stdio[3];
    if (guard instanceof Writable) guard.end(DISMISS);
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#onDeath?.(how);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + READY_DEADLINE_MS;
    while (this.#child === child && performance.now() < deadline) {
      if (await pingRedis(this.port, this.#options.password)) return;
      await sleep(READY_POLL_MS);
    }
    await this.stop('SIGKILL');
    throw new CulvertError('start_failed', `Redis did not start:\n${await readTail(this.#options.logFile, 8)}`);
  }
}
