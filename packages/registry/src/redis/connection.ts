import { Backoff, CulvertError, type Logger } from '@culvert/base';
import { Redis } from 'ioredis';
import { concernsServer, describeRedisError, isNoScript, toRegistryError, unavailable } from './errors.ts';
import { Fields } from './fields.ts';
import { parseRedisUrl, type RedisAddress } from './options.ts';
import { loadScripts, type ScriptName, type Scripts } from './scripts.ts';
import { objectionTo } from './server-check.ts';

/** Bounds of reconnecting: short, because the directory has to be whole again 15 s after Redis is back. */
const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 2_000;
/** How often a server that is connected but unfit (loading, a replica, wrong policy) is looked at again, at most. */
const RECHECK_MAX_MS = 5_000;
/** Silence after which a socket is thrown away: a half-open one never reports an error by itself. */
const SOCKET_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** `close` does not wait longer than this for Redis to see the end. */
const CLOSE_TIMEOUT_MS = 1_000;

export type AvailabilityListener = (up: boolean, reason?: string) => void;

export interface ConnectionOptions {
  readonly url: string;
  readonly commandTimeoutMs: number;
  readonly logger: Logger;
}

/** A client that never queues: a claim that runs late is worse than one that fails. */
export function createClient(address: RedisAddress, commandTimeoutMs: number, backoff: Backoff): Redis {
  return new Redis({
    ...address.options,
    replyMapping: 'legacy',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // 0: what was in flight when the connection broke is rejected at once, not at its timeout.
    maxRetriesPerRequest: 0,
    // Ours is `objectionTo`; ioredis's own writes to the console and leaves a timer behind.
    enableReadyCheck: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    connectionName: 'culvert',
    disableClientInfo: true,
    retryStrategy: () => backoff.next(),
    // After a failover the old primary is a replica: a new connection may find the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

/** Resolves once the client has let go of its socket, or after CLOSE_TIMEOUT_MS. */
export function closeClient(redis: Redis): Promise<void> {
  const connected = redis.status === 'ready' || redis.status === 'connect' || redis.status === 'connecting';
  return new Promise((resolve) => {
    if (!connected) {
      redis.disconnect();
      resolve();
      return;
    }
    const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    redis.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
    redis.disconnect();
  });
}

/**
 * The connection that all commands and scripts of one process use. It is `up` while Redis is connected, fit
 * (`objectionTo`) and answering; otherwise commands fail at once with `registry_unavailable`.
 */
export class RedisConnection {
  readonly address: RedisAddress;
  readonly #redis: Redis;
  readonly #scripts: Scripts;
  readonly #logger: Logger;
  readonly #listeners = new Set<AvailabilityListener>();
  readonly #reconnect = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  readonly #recheck = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECHECK_MAX_MS });
  #recheckTimer: NodeJS.Timeout | undefined;
  #checking = false;
  #up = false;
  #reason = 'not connected yet';
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.address = parseRedisUrl(options.url);
    this.#scripts = loadScripts();
    this.#logger = options.logger;
    this.#redis = createClient(this.address, options.commandTimeoutMs, this.#reconnect);
    this.#redis.on('ready', () => this.#checkSoon(0));
    this.#redis.on('error', (error: unknown) => this.#down(describeRedisError(error)));
    this.#redis.on('close', () => this.#down('the connection was closed'));
  }

  /** Starts connecting; separate from the constructor, so that listeners can be there first. */
  open(): void {
    // The 'error' event tells the reason and the retry strategy goes on: this rejection says nothing more.
    this.#redis.connect().catch(() => undefined);
  }

  get up(): boolean {
    return this.#up;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Called at each change of `up`, and when the reason for being down changes. Returns what removes the listener. */
  onAvailability(listener: AvailabilityListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs a script and reads its named reply. Rejects with `registry_unavailable`, or `internal` for a script's fault. */
  async run(name: ScriptName, keys: readonly string[], request: object = {}): Promise<Fields> {
    const script = this.#scripts[name];
    const args = [...keys, JSON.stringify(request)];
    const reply = await this.command(`script ${name}`, async (redis) => {
      try {
        return await redis.evalsha(script.sha1, keys.length, ...args);
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return await redis.eval(script.text, keys.length, ...args);
      }
    });
    return Fields.parse(String(reply), `reply of script ${name}`);
  }

  /** Runs one command, or a few that belong together. */
  async command<T>(what: string, work: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#closed) throw new CulvertError('shutting_down', 'the registry is closed');
    if (!this.#up) throw unavailable(this.address.display, this.#reason);
    try {
      return await work(this.#redis);
    } catch (error) {
      if (concernsServer(error) && this.#redis.status === 'ready') {
        this.#down(describeRedisError(error));
        this.#checkSoon(0);
      }
      throw toRegistryError(error, what, this.address.display);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#recheckTimer);
    this.#listeners.clear();
    await closeClient(this.#redis);
    this.#up = false;
  }

  #checkSoon(delayMs: number): void {
    if (this.#closed || this.#checking) return;
    clearTimeout(this.#recheckTimer);
    this.#recheckTimer = setTimeout(() => void this.#check(), delayMs);
  }

  /** One look at the server; never rejects: what is wrong becomes the reason for being down. */
  async #check(): Promise<void> {
    this.#checking = true;
    const objection = await this.#redis.info().then(objectionTo, describeRedisError);
    this.#checking = false;
    if (this.#closed || this.#redis.status !== 'ready') return; // 'ready' of the next connection checks again
    if (objection === undefined) {
      this.#reconnect.reset();
      this.#recheck.reset();
      this.#change(true, '');
    } else {
      this.#down(objection);
      this.#checkSoon(this.#recheck.next());
    }
  }

  #down(reason: string): void {
    // What broke the connection says more than the 'close' that follows it.
    if (!this.#up && reason === 'the connection was closed') return;
    this.#change(false, reason);
  }

  #change(up: boolean, reason: string): void {
    if (this.#closed || (this.#up === up && this.#reason === reason)) return;
    this.#up = up;
    this.#reason = reason;
    if (up) {
      this.#logger.info({ event: 'registry.up', redis: this.address.display }, 'Redis is there');
    } else {
      this.#logger.warn(
        { event: 'registry.down', redis: this.address.display, reason },
        `Redis cannot be used: ${reason}`,
      );
    }
    for (const listener of this.#listeners) listener(up, up ? undefined : reason);
  }
}
