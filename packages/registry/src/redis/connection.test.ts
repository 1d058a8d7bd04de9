import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type LogFields, type Logger, silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from '../registry.ts';
import { claimOf, hasCode, nextHint, READY, readyNode, subscribed } from '../testing/fixtures.ts';
import { openConnection } from '../testing/open-connection.ts';
import { startRedis } from '../testing/start-redis.ts';

const soon = (): AbortSignal => AbortSignal.timeout(8_000);

/** Resolves with the first reason for being down that matches; rejects if there is none in time. */
function downBecause(registry: Registry, reason: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(() => reject(new Error(`not down because ${reason}`)), 8_000);
    const seen = (up: boolean, why = ''): void => {
      if (up || !reason.test(why)) return;
      clearTimeout(timer);
      resolve(why);
    };
    registry.onAvailability(seen);
    seen(registry.available, registry.unavailableReason);
  });
}

describe('the connection to Redis', () => {
  it('Redis absent at start: plain words at once, recovery without a restart', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address && typeof address === 'object');
    server.close();
    await once(server, 'close');

    await using registry = Registry.connect({ url: `redis://127.0.0.1:${address.port}`, logger: silentLogger });
    await downBecause(registry, /nothing listens there/);
    await assert.rejects(registry.route('s_1'), hasCode('registry_unavailable'));
    await assert.rejects(registry.waitUntilAvailable(AbortSignal.abort()), hasCode('registry_unavailable'));
    await using _redis = await startRedis({ port: address.port });
    await registry.waitUntilAvailable(soon());
    await readyNode(registry);
  });

  it('Redis restarted: in-flight and new commands fail, then hints and commands work again', async () => {
    const redis = await startRedis();
    await using registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await Promise.all([registry.waitUntilAvailable(soon()), subscribed(registry)]);
    await readyNode(registry);
    const down = downBecause(registry, /./);
    await redis.stop();
    await down;
    await assert.rejects(registry.listNodes(), hasCode('registry_unavailable'));
    const reset = nextHint(registry, (hint) => hint.kind === 'reset');
    await using _again = await startRedis({ port: redis.port });
    await registry.waitUntilAvailable(soon());
    await readyNode(registry); // its script cache is empty: EVALSHA falls back to EVAL
    await reset;
  });

  it('a frozen Redis: one command waits for its deadline, the next fail at once, and a late claim does nothing', async () => {
    await using redis = await startRedis();
    await using registry = Registry.connect({ url: redis.url, logger: silentLogger, commandTimeoutMs: 200, newMs: 0 });
    await registry.waitUntilAvailable(soon());
    const node = await readyNode(registry);
    await registry.claim(claimOf(node)); // loads the script, so that the late one is carried out by one command
    const late = claimOf(node);
    redis.freeze();
    await assert.rejects(registry.claim(late), hasCode('registry_unavailable'));
    assert.equal(registry.available, false);
    const next = registry.claim(claimOf(node)).catch(() => 'failed');
    assert.equal(await Promise.race([next, setImmediate('waiting')]), 'failed');
    await setTimeout(50); // the one thing to wait for here is Redis's clock: it estimated the deadline a little late
    redis.thaw();
    await registry.waitUntilAvailable(soon());
    assert.equal(await registry.getSession(late.sessionId), undefined);
    assert.partialDeepStrictEqual(await registry.beat({ node, load: READY }), { outcome: 'ok' });
  });

  it('an evicting server is refused with the reason until its policy is put right', async () => {
    await using redis = await startRedis({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
    await using registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await downBecause(registry, /may evict data.*noeviction/);
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    admin.disconnect();
    await registry.waitUntilAvailable(soon());
  });

  it('logs in with user and password, and never tells them', async () => {
    const lines: string[] = [];
    const log = (fields: LogFields, message: string): void => {
      const { err, ...rest } = fields;
      lines.push(
        JSON.stringify([rest, message, err instanceof Error ? [err, err.message, err.cause, err.stack] : err]),
      );
    };
    const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
    await using redis = await startRedis({
      args: '--user culvert on >hunter2 ~* &* +@all --user default off'.split(' '),
    });
    const host = `127.0.0.1:${redis.port}`;
    await using good = Registry.connect({ url: `redis://culvert:hunter2@${host}`, logger });
    await good.waitUntilAvailable(soon());
    await using bad = Registry.connect({ url: `redis://culvert:hunter3@${host}`, logger });
    const why = await downBecause(bad, /refuses the login/);
    const failure = await bad.listNodes().catch((error: unknown) => error);
    assert.ok(failure instanceof Error);
    const told = [why, ...lines, failure.message, JSON.stringify(failure), JSON.stringify(failure.cause)].join('\n');
    assert.doesNotMatch(told, /hunter/);
  });

  it('speaks TLS with a server whose CA it was given, and says what is wrong with others', async () => {
    await using redis = await startRedis({ tls: true });
    await using good = openConnection(redis.url);
    await good.usable();
    const [bare = ''] = redis.url.split('?');
    await using unknown = openConnection(bare);
    await unknown.down(/not signed by a CA that is trusted here; set ca/);
    await using misnamed = openConnection(`${redis.url}&servername=other.example`);
    await misnamed.down(/its certificate is for another name/);
    await using plain = openConnection(bare.replace('rediss:', 'redis:'));
    await plain.down(/reset|closed|TLS/);
  });

  it('names the right that its user lacks, until it has it', async () => {
    const rules = ['~{culvert}:*', '&{culvert}:*', '+@all', '-zadd'];
    await using redis = await startRedis({ user: { name: 'culvert', password: 'not-a-secret', rules } });
    await using it = openConnection(redis.url);
    await it.down(/its user may not run ZADD/);
    const admin = new Redis(redis.adminUrl);
    await admin.acl('SETUSER', 'culvert', '+zadd');
    admin.disconnect();
    await it.usable();
    await using other = openConnection(redis.url, 'other');
    await other.down(/its user may not use the keys; give it ~\{other\}:\*/);
  });

  it('tells once that nothing is kept over a restart, and of a server that keeps it nothing', async () => {
    const told: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => told.push(fields.event), child: () => logger };
    await using kept = await startRedis({ persistent: true });
    await using durable = Registry.connect({ url: kept.url, logger });
    await durable.waitUntilAvailable(soon());
    assert.deepEqual(told, []);
    await using redis = await startRedis();
    await using registry = Registry.connect({ url: redis.url, logger });
    await registry.waitUntilAvailable(soon());
    const down = downBecause(registry, /./);
    await redis.restart();
    await down;
    await registry.waitUntilAvailable(soon());
    assert.equal(told.filter((event) => event === 'registry.volatile').length, 1);
  });
});
