import { rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { silentLogger } from '@culvert/base';
import { findRedisBinary } from '@culvert/local';
import { startRedis } from '@culvert/registry/testing';
import { Redis } from 'ioredis';
import { type RedisUse, readInfo } from './registry-info.ts';

const CACHE = join(import.meta.dirname, '../../.culvert');
const COMMAND_TIMEOUT_MS = 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A connection that looks at a Redis from outside: what it asks is counted by Redis as well, a few commands in all. */
export class Observer {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url, {
      replyMapping: 'legacy',
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
    });
  }

  async use(): Promise<RedisUse> {
    return readInfo(await this.#redis.info('everything'));
  }

  call(command: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#redis.call(command, ...args);
  }

  async number(command: string, ...args: (string | number)[]): Promise<number> {
    return Number(await this.call(command, ...args));
  }

  close(): void {
    this.#redis.disconnect();
  }
}

/** A Redis of the bench's own: on loopback, one core, nothing on disk. */
export interface BenchRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly observer: Observer;
}

export async function startBenchRedis(): Promise<BenchRedis> {
  await provideRedis();
  const server = await startRedis();
  const observer = new Observer(server.url);
  const [, dir] = (await observer.call('CONFIG', 'GET', 'dir')) as [string, string];
  // Ctrl-C, or a fault on the way: no process and no file may stay.
  const atOnce = (): void => {
    process.kill(server.pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', atOnce);
  for (const signal of SIGNALS) process.once(signal, exit);
  return {
    ...{ url: server.url, port: server.port, pid: server.pid, observer },
    async [Symbol.asyncDispose]() {
      observer.close();
      await server.stop();
      process.off('exit', atOnce);
      for (const signal of SIGNALS) process.off(signal, exit);
    },
  };
}

function exit(): void {
  process.exit(130);
}

/** Where there is no Redis on PATH, the one that a cluster would take is put there. */
async function provideRedis(): Promise<void> {
  const binary = await findRedisBinary({ cacheDir: CACHE, logger: silentLogger });
  const folder = dirname(binary);
  const path = process.env.PATH ?? '';
  if (!path.split(delimiter).includes(folder)) process.env.PATH = `${path}${delimiter}${folder}`;
}
