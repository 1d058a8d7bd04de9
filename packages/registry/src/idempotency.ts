import type { Keys } from './keys.ts';
import type { ScriptRunner } from './redis/script-runner.ts';

/** A runner that has not finished after this is taken for dead, and the next request runs. */
const PENDING_MS = 60_000;
/** How long an answer is repeated. */
const KEEP_MS = 24 * 3_600_000;

export type IdempotencyReply =
  | { readonly outcome: 'new' }
  | { readonly outcome: 'in_progress' }
  /** The key was used with another request. */
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'done'; readonly response: string };

/** What became of requests that carried an `Idempotency-Key`. Callers put tenant and route into the key. */
export class Idempotency {
  readonly #scripts: ScriptRunner;
  readonly #keys: Keys;

  constructor(scripts: ScriptRunner, keys: Keys) {
    this.#scripts = scripts;
    this.#keys = keys;
  }

  /** `fingerprint` stands for the request (a hash of method, path and body). After `new`: run it, then `finish` or `abandon`. */
  async begin(key: string, fingerprint: string): Promise<IdempotencyReply> {
    const reply = await this.#scripts.run('idempotency_begin', [this.#keys.idempotency(key)], {
      fingerprint,
      pendingMs: PENDING_MS,
    });
    const outcome = reply.oneOf('outcome', ['new', 'in_progress', 'conflict', 'done']);
    return outcome === 'done' ? { outcome, response: reply.text('response') } : { outcome };
  }

  /** `lost`: it took longer than a minute, and a repetition may run again. */
  async finish(key: string, response: string): Promise<'stored' | 'lost'> {
    const reply = await this.#scripts.run('idempotency_finish', [this.#keys.idempotency(key)], {
      response,
      keepMs: KEEP_MS,
    });
    return reply.oneOf('outcome', ['stored', 'lost']);
  }

  /** The request failed in a way that a repetition may cure: let it run. */
  async abandon(key: string): Promise<void> {
    await this.#scripts.run('idempotency_abandon', [this.#keys.idempotency(key)]);
  }
}
