import type { RedisClock } from '../redis-clock.ts';
import type { RedisClient, RedisConnection } from './connection.ts';
import { isNoScript, unavailable } from './errors.ts';
import { Fields } from './fields.ts';
import { loadScripts, type Script, type ScriptName, type Scripts } from './scripts.ts';

export interface ScriptRunnerOptions {
  readonly connection: RedisConnection;
  readonly clock: RedisClock;
  /** Deadline of each command, ms: the caller gives up after it, and a script that runs later does nothing. */
  readonly commandTimeoutMs: number;
  /** Where scripts publish hints, and how. */
  readonly channel: string;
  readonly publish: 'PUBLISH' | 'SPUBLISH';
}

/** Runs the scripts of the registry: by their digest, with their text where the server has forgotten it. */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  readonly #scripts: Scripts = loadScripts();

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
  }

  /**
   * Runs a script with a named request and reads its named reply. Rejects with `registry_unavailable` (also when Redis
   * got to it after its deadline: nothing was done), or with `internal` for a script's fault. `texts` are handed to it
   * as they are: what it only stores need not be read by it as JSON first.
   */
  async run(
    name: ScriptName,
    keys: readonly string[],
    request: object = {},
    texts: readonly string[] = [],
  ): Promise<Fields> {
    const { connection, clock, commandTimeoutMs, channel, publish } = this.#options;
    const notAfterMs = clock.in(commandTimeoutMs);
    const reply = await this.#eval(name, keys, JSON.stringify({ ...request, notAfterMs, channel, publish }), ...texts);
    const fields = Fields.parse(String(reply), `reply of script ${name}`);
    if (fields.text('outcome') !== 'late') return fields;
    // Redis ran it after its deadline, or its clock jumped: the next beat tells what it shows now.
    clock.forget();
    throw unavailable(connection.address.display, 'the command reached it too late and was not carried out');
  }

  /** Runs a script that has no request and answers with names and values in turn. */
  async runPairs(name: ScriptName, keys: readonly string[]): Promise<Fields> {
    const reply = await this.#eval(name, keys);
    const flat: unknown[] = Array.isArray(reply) ? reply : [];
    const values: Record<string, unknown> = {};
    for (let i = 0; i < flat.length; i += 2) values[String(flat[i])] = flat[i + 1];
    return Fields.of(values, `reply of script ${name}`);
  }

  #eval(name: ScriptName, keys: readonly string[], ...args: string[]): Promise<unknown> {
    const script = this.#scripts[name];
    return this.#options.connection.command(`script ${name}`, (redis) => evaluate(redis, script, keys, args));
  }
}

async function evaluate(
  redis: RedisClient,
  { sha1, text }: Script,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isNoScript(error)) throw error;
    return await redis.eval(text, keys.length, ...keys, ...args);
  }
}
