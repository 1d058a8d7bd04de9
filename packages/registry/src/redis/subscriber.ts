import { Backoff, type Logger } from '@culvert/base';
import type { Redis } from 'ioredis';
import type { Hint } from '../types.ts';
import { closeClient, createClient } from './connection.ts';
import { describeRedisError } from './errors.ts';
import { Fields } from './fields.ts';
import type { RedisAddress } from './options.ts';

/** How often the subscription is probed: TCP does not tell a half-open connection from a quiet one. */
const PING_EVERY_MS = 5_000;
const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 2_000;

export type HintListener = (hint: Hint) => void;

/** Listens to hints on a connection of its own (a subscribed connection takes no other commands). */
export class HintSubscriber {
  readonly #redis: Redis;
  readonly #channel: string;
  readonly #logger: Logger;
  readonly #listeners = new Set<HintListener>();
  readonly #backoff = new Backoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(address: RedisAddress, channel: string, commandTimeoutMs: number, logger: Logger) {
    this.#channel = channel;
    this.#logger = logger;
    this.#redis = createClient(address, commandTimeoutMs, this.#backoff);
    this.#redis.on('ready', () => void this.#subscribe());
    this.#redis.on('close', () => clearInterval(this.#ping));
    this.#redis.on('error', (error: unknown) =>
      this.#logger.debug({ event: 'registry.hints_down' }, describeRedisError(error)),
    );
    this.#redis.on('message', (_channel: string, message: string) => this.#receive(message));
  }

  open(): void {
    // The 'error' event has told it, and the retry strategy goes on.
    this.#redis.connect().catch(() => undefined);
  }

  on(listener: HintListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ping);
    this.#listeners.clear();
    return closeClient(this.#redis);
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#redis.subscribe(this.#channel);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    if (this.#closed) return;
    this.#backoff.reset();
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#redis.ping().catch((error: unknown) => this.#giveUp(error)), PING_EVERY_MS);
    this.#emit({ kind: 'reset' });
  }

  /** Drops the connection; the client comes back by itself and subscribes again. */
  #giveUp(error: unknown): void {
    if (this.#closed || this.#redis.status !== 'ready') return;
    this.#logger.debug({ event: 'registry.hints_down' }, describeRedisError(error));
    this.#redis.disconnect(true);
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
  const kind = fields.oneOf('kind', ['session', 'settings', 'node']);
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
  }
}
