import { Backoff, type Logger } from '@culvert/base';
import type { Redis } from 'ioredis';
import type { Hint } from '../types.ts';
import { closeClient, createClient } from './client.ts';
import { describeRedisError } from './errors.ts';
import { Fields } from './fields.ts';
import type { RedisAddress, RedisForm } from './options.ts';

/** How often the subscription is probed: TCP does not tell a half-open connection from a quiet one. */
const PING_EVERY_MS = 5_000;
const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 2_000;

/**
 * What hints are published with. On a Cluster, a plain PUBLISH goes to every node; sharded, it stays with the
 * slot's own servers, where its subscribers are.
 */
export function publishCommand(form: RedisForm): 'PUBLISH' | 'SPUBLISH' {
  return form === 'cluster' ? 'SPUBLISH' : 'PUBLISH';
}

export type HintListener = (hint: Hint) => void;

/**
 * Listens to hints on a connection of its own. Each subscription begins with the hint `reset`, and ends, when it drops,
 * with `silent`: in between nothing is missed, unless Redis itself loses it.
 */
export class HintSubscriber {
  readonly #redis: Redis;
  readonly #channels: readonly [string, ...string[]];
  readonly #isSharded: boolean;
  readonly #logger: Logger;
  readonly #listeners = new Set<HintListener>();
  readonly #backoff = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  #ping: NodeJS.Timeout | undefined;
  #live = false;
  #closed = false;

  /** `channels`: all in our slot. */
  constructor(
    address: RedisAddress,
    channels: readonly [string, ...string[]],
    commandTimeoutMs: number,
    logger: Logger,
  ) {
    this.#channels = channels;
    this.#logger = logger;
    this.#isSharded = publishCommand(address.form) === 'SPUBLISH';
    this.#redis = createClient(address, channels[0], commandTimeoutMs, this.#backoff);
    this.#redis.on('ready', () => void this.#subscribe());
    this.#redis.on('close', () => this.#silent());
    // The slot, and with it the channel, has moved to another server.
    this.#redis.on('moved', () => this.#giveUp(new Error('the channel was moved to another server')));
    this.#redis.on('error', (error: unknown) =>
      this.#logger.debug({ event: 'registry.hints_down' }, describeRedisError(error)),
    );
    this.#redis.on('message', (_channel: string, message: string) => this.#receive(message));
    this.#redis.on('smessage', (_channel: string, message: string) => this.#receive(message));
  }

  open(): void {
    // The 'error' event has told it, and the retry strategy goes on.
    this.#redis.connect().catch(() => undefined);
  }

  /** Is every hint heard now that is published? Changes are told by the hints `reset` and `silent`. */
  get live(): boolean {
    return this.#live;
  }

  on(listener: HintListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#silent();
    return closeClient(this.#redis);
  }

  async #subscribe(): Promise<void> {
    try {
      await (this.#isSharded ? this.#redis.ssubscribe(...this.#channels) : this.#redis.subscribe(...this.#channels));
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    if (this.#closed) return;
    this.#backoff.reset();
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#redis.ping().catch((error: unknown) => this.#giveUp(error)), PING_EVERY_MS);
    this.#live = true;
    this.#emit({ kind: 'reset' });
  }

  /** Drops the connection; the client comes back by itself and subscribes again. */
  #giveUp(error: unknown): void {
    if (this.#closed || this.#redis.status !== 'ready') return;
    this.#logger.debug({ event: 'registry.hints_down' }, describeRedisError(error));
    this.#silent();
    this.#redis.disconnect(true);
  }

  #silent(): void {
    clearInterval(this.#ping);
    if (!this.#live) return;
    this.#live = false;
    this.#emit({ kind: 'silent' });
  }

  #receive(message: string): void {
    let hint: Hint;
    try {
      hint = parseHint(message);
    } catch (error) {
      // Hints may be lost, so one that is not understood may be ignored; it tells of a newer version.
      this.#logger.debug({ event: 'registry.hint_ignored', err: error }, 'a hint was not understood');
      return;
    }
    this.#emit(hint);
  }

  #emit(hint: Hint): void {
    for (const listener of this.#listeners) listener(hint);
  }
}

function parseHint(message: string): Hint {
  const fields = Fields.parse(message, 'hint');
  const kind = fields.oneOf('kind', ['session', 'settings', 'node', 'deployment']);
  switch (kind) {
    case 'session':
      return {
        kind,
        sessionId: fields.text('sessionId'),
        epoch: fields.integer('epoch'),
        owner: fields.textOr('owner', null),
        agentId: fields.textOr('agentId', null),
      };
    case 'settings':
      return { kind, revision: fields.integer('revision') };
    case 'node':
      return { kind, nodeId: fields.text('nodeId') };
    case 'deployment':
      return { kind, id: fields.text('id') };
  }
}
