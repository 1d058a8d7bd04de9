import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { CulvertError, withDeadline } from '@culvert/base';
import { type RedisRestartOrder, SUPERVISOR_PURPOSE } from '@culvert/contracts';
import type { ClusterSecret } from '@culvert/service';

const SUPERVISOR_MS = 5_000;
/** Longer than Redis may be away, and its start takes. */
const COMMAND_MS = 120_000;

/** Begins a restart of Redis. Rejects with `chaos_not_allowed` where nobody has told how. */
export type RestartRedis = (order: RedisRestartOrder) => Promise<void>;

export interface RedisRestarterOptions {
  /** Path of the socket of a local cluster's supervisor. */
  readonly supervisor: string | null;
  /** The operator's own: a program, which is told by CULVERT_CHAOS_EMPTY and CULVERT_CHAOS_DOWN_MS. */
  readonly command: string | null;
  readonly secret: ClusterSecret;
  /** The command has failed. */
  readonly failed: (error: unknown) => void;
}

/** undefined: this API has not been told how to restart Redis. */
export function redisRestarter(options: RedisRestarterOptions): RestartRedis | undefined {
  const { supervisor, command, secret, failed } = options;
  if (command !== null) {
    return async (order) => {
      // Not waited for: it lasts as long as Redis is away.
      void runCommand(command, order).catch(failed);
    };
  }
  if (supervisor === null) return undefined;
  const token = secret.mac(SUPERVISOR_PURPOSE).toString('base64url');
  return (order) => askSupervisor(supervisor, token, order);
}

function askSupervisor(socketPath: string, token: string, order: RedisRestartOrder): Promise<void> {
  return withDeadline(SUPERVISOR_MS, 'the order to restart Redis', async (signal) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const path = '/redis/restart';
    const asked = httpRequest({ socketPath, path, method: 'POST', headers, signal, agent: false });
    asked.end(JSON.stringify(order));
    const [response] = await once(asked, 'response', { signal });
    response.resume();
    if (response.statusCode !== 202) {
      throw new CulvertError('provider_failed', `the supervisor answered ${response.statusCode} to a restart of Redis`);
    }
  });
}

function runCommand(command: string, { empty, downMs }: RedisRestartOrder): Promise<void> {
  return withDeadline(COMMAND_MS, command, async (signal) => {
    const { CULVERT_SECRET: _secret, ...rest } = process.env;
    const env = { ...rest, CULVERT_CHAOS_EMPTY: String(empty), CULVERT_CHAOS_DOWN_MS: String(downMs) };
    const child = spawn(command, [], { stdio: 'ignore', env, signal });
    const [code] = await once(child, 'exit', { signal });
    if (code !== 0) throw new CulvertError('provider_failed', `${command} ended with exit code ${code}`);
  });
}
