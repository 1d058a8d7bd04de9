import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type RedisRestartOrder, SUPERVISOR_PURPOSE } from '@culvert/contracts';
import { ClusterSecret } from '@culvert/service';
import { resolveOptions } from '../cluster-options.ts';
import { Fleet } from '../fleet.ts';
import { SupervisorServer } from './server.ts';
import { socketPlace } from './socket-place.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

const text = 'a secret of the supervisor tests, long enough';
const secret = ClusterSecret.parse(text);

/** Asks a supervisor to restart Redis, each time once the one before was answered; the codes of its answers. */
async function ask(
  more: Pick<SupervisorOptions, 'restartRedis'>,
  orders: readonly unknown[],
  answered: () => void = () => undefined,
): Promise<string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'culvert-supervisor-'));
  const options = resolveOptions({ entry: '', dataDir });
  const redis = { url: 'redis://127.0.0.1:1', prefix: 'none' };
  const fleet = new Fleet({ options, logs: dataDir, secret: text, redis, supervisor: null }, () => undefined);
  const supervisor = new Supervisor({ fleet, logs: dataDir, onEvent: () => undefined, ...more });
  const { path: socketPath, remove } = socketPlace(dataDir);
  const server = await SupervisorServer.listen({ socket: socketPath, supervisor, secret });
  const authorization = `Bearer ${secret.mac(SUPERVISOR_PURPOSE).toString('base64url')}`;
  const codes: string[] = [];
  try {
    for (const order of orders) {
      codes.push(
        await new Promise<string>((resolve, reject) => {
          const asked = request({ socketPath, path: '/redis/restart', method: 'POST', headers: { authorization } });
          asked.on('error', reject).on('response', (response) => {
            let body = '';
            response.on('data', (chunk) => (body += chunk)).on('end', () => resolve(JSON.parse(body).code ?? 'ok'));
          });
          asked.end(JSON.stringify(order));
        }),
      );
    }
    answered();
    await supervisor.settled();
  } finally {
    await server.close();
    remove();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return codes;
}

describe('a supervisor that is to restart Redis', { timeout: 20_000 }, () => {
  it('refuses where that is not allowed', async () => {
    assert.deepEqual(await ask({}, [{ empty: false, downMs: 0 }]), ['chaos_not_allowed']);
  });

  it('does it once at a time, and what has no bound not at all', async () => {
    const done: RedisRestartOrder[] = [];
    const ended = Promise.withResolvers<void>();
    const restartRedis = (order: RedisRestartOrder): Promise<void> => {
      done.push(order);
      return ended.promise;
    };
    const order = { empty: true, downMs: 10 };
    const orders = [{ empty: true, downMs: 60_001 }, order, order];
    assert.deepEqual(await ask({ restartRedis }, orders, ended.resolve), ['invalid_request', 'ok', 'chaos_active']);
    assert.deepEqual(done, [order]);
  });
});
