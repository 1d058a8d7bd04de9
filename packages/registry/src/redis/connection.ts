import { Backoff, CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { Redis } from 'ioredis';
import type { RegistryObserver } from '../observer.ts';
import { closeClient, createClient } from './client.ts';
import { concernsServer, describeRedisError, isElsewhere, toRegistryError, unavailable } from './errors.ts';
import { parseRedisUrl, type RedisAddress } from './options.ts';
import { checkServer, type Fitness } from './server-check.ts';

/** Bounds of reconnecting: short, because the directory has to be whole again 15 s after Redis is back. */
const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 2_000;
/** How often a server that is connected but unfit (loading, a replica, wrong policy) is looked at again, at most. */
const RECHECK_MAX_MS = 5_000;

export type AvailabilityListener = (up: boolean, reason?: string) => void;

/** On every form it is one connection to one server: the one that has our slot. */
export type RedisClient = Redis;

export interface ConnectionOptions {
  readonly url: string;
  /** A key of ours that is never there: its slot is ours, and what we may do with it we may do with all. */
  readonly probeKey: string;
  readonly commandTimeoutMs: number;
  readonly logger: Logger;
  /** Told what Redis's clock shows, before `up` becomes true. */
  readonly clock: ServerClock;
  readonly observer?: RegistryObserver | undefined;
}

/** Redis's clock, estimated; see RedisClock. */
export interface ServerClock {
  /** Another server may have taken over. */
  forget(): void;
  /** The server read `nowMs` after `sentAt` (monotonic). */
  learn(nowMs: number, sentAt: number): void;
  monotonic(): number;
}

/**
 * The connection that all commands and scripts of one process use. It is `up` while Redis is connected, fit
 * (`checkServer`) and answering; otherwise commands fail at once with `registry_unavailable`.
 */
export class RedisConnection {
  readonly address: RedisAddress;
  readonly #redis: Redis;
  readonly #clock: ServerClock;
  readonly #probeKey: string;
  readonly #logger: Logger;
  readonly #observer: RegistryObserver | undefined;
  readonly #listeners = new Set<AvailabilityListener>();
  readonly #reconnect = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  readonly #recheck = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECHECK_MAX_MS });
  #recheckTimer: NodeJS.Timeout | undefined;
  #checking = false;
  #toldVolatile = false;
  #up = false;
  #reason = 'not connected yet';
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.address = parseRedisUrl(options.url);
    this.#probeKey = options.probeKey;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#observer = options.observer;
    this.#redis = createClient(this.address, options.probeKey, options.commandTimeoutMs, this.#reconnect);
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

  /**
   * Runs one command, or a few that belong together. Rejects with `registry_unavailable`, or `internal` for what Redis
   * calls our own fault.
   */
  async command<T>(what: string, work: (redis: RedisClient) => Promise<T>): Promise<T> {
    const askedAt = performance.now();
    try {
      const answer = await this.#carryOut(what, work);
      this.#observer?.called(commandName(what), performance.now() - askedAt, 'ok');
      return answer;
    } catch (error) {
      this.#observer?.called(commandName(what), performance.now() - askedAt, toCulvertError(error).code);
      throw error;
    }
  }

  async #carryOut<T>(what: string, work: (redis: RedisClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new CulvertError('shutting_down', 'the registry is closed');
    if (!this.#up) throw unavailable(this.address.display, this.#reason);
    try {
      return await work(this.#redis);
    } catch (error) {
      // The client is already on its way to the server that has our keys now: 'ready' checks that one.
      if (isElsewhere(error)) this.#down(describeRedisError(error));
      else if (concernsServer(error) && this.#redis.status === 'ready') {
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
    this.#clock.forget();
    const sentAt = this.#clock.monotonic();
    const found = await checkServer(this.#redis, this.address.form, this.#probeKey).catch(describeRedisError);
    this.#checking = false;
    if (this.#closed || this.#redis.status !== 'ready') return; // 'ready' of the next connection checks again
    if (typeof found === 'string') this.#unfit(found, this.address.form !== 'single');
    else if (found.objection !== undefined) this.#unfit(found.objection, found.elsewhere);
    else this.#fit(found, sentAt);
  }

  #fit(found: Fitness, sentAt: number): void {
    this.#reconnect.reset();
    this.#recheck.reset();
    this.#clock.learn(found.nowMs, sentAt);
    if (found.isVolatile && !this.#toldVolatile) {
      this.#toldVolatile = true;
      this.#logger.warn(
        { event: 'registry.volatile', redis: this.address.display },
        'Redis keeps nothing over a restart (no appendonly, no save): settings then live only in the snapshots of the APIs',
      );
    }
    this.#change(true, '');
  }

  #unfit(reason: string, elsewhere: boolean): void {
    this.#down(reason);
    // A new connection may find another server: through the sentinels, the map of slots, or a name that moved.
    if (elsewhere) this.#redis.disconnect(true);
    else this.#checkSoon(this.#recheck.next());
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

/** `script claim` → `claim`, `a look-up` → `look_up`: few names, all of them written in this package. */
function commandName(what: string): string {
  return what.replace(/^(script|an?|the) /, '').replace(/[ -]/g, '_');
}
