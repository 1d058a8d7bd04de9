import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from '../registry.ts';
import { hasCode, nodeOf, READY, subscribed } from '../testing/fixtures.ts';
import { rememberData } from '../testing/rewind.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import { keepSettings } from './keep.ts';
import type { ApiKey, SettingsSnapshot, Tenant } from './records.ts';
import { SnapshotFile } from './snapshot-file.ts';
import type { SettingsStore } from './store.ts';

const limits = { sessions: 10, connectionsPerSession: 100 };
const acme: Tenant = { id: 'acme', name: 'Acme', createdAt: 1_700_000_000_000, pool: null, spill: [], limits };
const key: ApiKey = {
  id: 'k_1',
  tenant: 'acme',
  role: 'agent',
  hash: 'ab'.repeat(32),
  createdAt: 1_700_000_000_000,
  expiresAt: null,
  revokedAt: null,
  label: 'office',
};

/** Resolves once the store's snapshot satisfies `wanted`. */
function until(settings: SettingsStore, wanted: (snapshot: SettingsSnapshot) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!wanted(settings.snapshot)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = settings.onChange(look);
    look();
  });
}

describe('settings', () => {
  let redis: TestRedis;
  let admin: Redis;
  let directory: string;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    directory = await mkdtemp(join(tmpdir(), 'culvert-settings-'));
  });
  beforeEach(() => admin.flushall());
  after(async () => {
    admin.disconnect();
    await redis.stop();
    await rm(directory, { recursive: true });
  });

  async function connect(): Promise<Registry> {
    const registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await Promise.all([registry.waitUntilAvailable(AbortSignal.timeout(5_000)), subscribed(registry)]);
    return registry;
  }

  it('each change raises the revision, and reaches other processes by a hint', async () => {
    await using a = await connect();
    await using b = await connect();
    await a.settings.createTenant(acme);
    await a.settings.putKey(key);
    await until(b.settings, ({ revision }) => revision === 2);
    assert.deepEqual(b.settings.snapshot, { revision: 2, tenants: [acme], keys: [key] });
    assert.deepEqual(b.settings.keyByHash(key.hash), key);
    await b.settings.revokeKey('k_1', 5);
    await b.settings.revokeKey('k_1', 6);
    await until(a.settings, ({ revision }) => revision === 3);
    assert.equal(a.settings.keyByHash(key.hash)?.revokedAt, 5);
    await a.settings.pinTenant('acme', 'eu');
    assert.equal(a.settings.tenant('acme')?.pool, 'eu');
    await a.settings.deleteTenant('acme');
    assert.deepEqual((await b.settings.load()).keys, []);
  });

  it('refuses what makes no sense, with codes', async () => {
    await using a = await connect();
    await a.settings.createTenant(acme);
    await assert.rejects(a.settings.createTenant(acme), hasCode('tenant_exists'));
    await assert.rejects(a.settings.pinTenant('nobody', 'eu'), hasCode('tenant_not_found'));
    await assert.rejects(a.settings.deleteTenant('nobody'), hasCode('tenant_not_found'));
    await assert.rejects(a.settings.putKey({ ...key, tenant: 'nobody' }), hasCode('tenant_not_found'));
    await assert.rejects(a.settings.revokeKey('nobody', 1), hasCode('key_not_found'));
    await assert.rejects(a.settings.putTenant({ ...acme, id: 'a/b' }), hasCode('invalid_request'));
    assert.equal(a.settings.revision, 1);
  });

  it('changes made at the same time by several processes are all kept', async () => {
    await using a = await connect();
    await using b = await connect();
    const stores = [a.settings, b.settings];
    const changes = Array.from({ length: 6 }, (_, i) => stores[i % 2]?.putTenant({ ...acme, id: `t${i}` }));
    await Promise.all(changes);
    const twice = await Promise.allSettled(stores.map((store) => store.createTenant({ ...acme, id: 'once' })));
    assert.deepEqual(twice.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const { revision, tenants } = await a.settings.load();
    assert.equal(revision, 7);
    assert.deepEqual(tenants.map(({ id }) => id).sort(), ['once', 't0', 't1', 't2', 't3', 't4', 't5']);
  });

  it('an older snapshot never replaces a newer one: not in Redis, not in memory', async () => {
    await using a = await connect();
    await a.settings.createTenant(acme);
    await a.settings.putKey(key);
    assert.equal(await a.settings.restore({ revision: 1, tenants: [], keys: [] }), 'kept');
    assert.equal(await a.settings.restore({ revision: 2, tenants: [], keys: [] }), 'kept');
    assert.equal(a.settings.adopt({ revision: 1, tenants: [], keys: [] }), false);
    await admin.flushall();
    assert.equal(await a.settings.refresh(), 'behind');
    assert.deepEqual(a.settings.keyByHash(key.hash), key);
    await a.settings.revokeKey('k_1', 9); // a change puts back first what was lost
    await using b = await connect();
    assert.deepEqual(await b.settings.load(), { revision: 3, tenants: [acme], keys: [{ ...key, revokedAt: 9 }] });
  });

  it('a failover lost the revocation of a key, and others changed the settings since: it stays revoked', async () => {
    for (const changes of [1, 2]) {
      await admin.flushall();
      const file = new SnapshotFile(join(directory, `diverged-${changes}`, 'settings.json'));
      await using a = await connect();
      await a.settings.createTenant(acme);
      await a.settings.putKey(key);
      const rewind = await rememberData(admin);
      await a.settings.revokeKey('k_1', 9);
      await rewind();
      await using b = await connect();
      for (let i = 0; i < changes; i += 1) await b.settings.putTenant({ ...acme, id: `t${i}` });
      assert.equal(b.settings.keyByHash(key.hash)?.revokedAt, null, 'it never heard of it');
      const stop = new AbortController();
      const keeper = await keepSettings({
        registry: a,
        file,
        signal: stop.signal,
        logger: silentLogger,
        checkEveryMs: 20,
      });
      await until(b.settings, () => b.settings.keyByHash(key.hash)?.revokedAt === 9);
      assert.equal(a.settings.keyByHash(key.hash)?.revokedAt, 9);
      assert.ok(a.settings.tenant('t0'), 'what others changed is in force');
      stop.abort();
      await keeper.done;
    }
  });

  it('a failover lost other changes, and a key was revoked since: they come back, and it stays revoked', async () => {
    await using a = await connect();
    await a.settings.createTenant(acme);
    await a.settings.putKey(key);
    const rewind = await rememberData(admin);
    for (const id of ['t1', 't2', 't3']) await a.settings.putTenant({ ...acme, id });
    await rewind();
    await using b = await connect();
    await b.settings.load();
    await b.settings.revokeKey('k_1', 9);
    const file = new SnapshotFile(join(directory, 'behind', 'settings.json'));
    const stop = new AbortController();
    const keeper = await keepSettings({
      registry: a,
      file,
      signal: stop.signal,
      logger: silentLogger,
      checkEveryMs: 20,
    });
    await until(b.settings, () => b.settings.tenant('t3') !== undefined && b.settings.revision > 5);
    assert.equal(b.settings.keyByHash(key.hash)?.revokedAt, 9);
    assert.equal(a.settings.keyByHash(key.hash)?.revokedAt, 9);
    stop.abort();
    await keeper.done;
  });

  it('a read on its way does not stand in for one asked for later: it may have missed the change', async () => {
    await using a = await connect();
    await a.settings.refresh();
    await admin.config('RESETSTAT');
    const early = a.settings.refresh();
    await Promise.resolve(); // it is on its way now
    await Promise.all([early, a.settings.refresh(), a.settings.refresh()]);
    assert.match(await admin.info('commandstats'), /cmdstat_evalsha:calls=2,/);
  });

  it('a beat tells of settings that a hint did not', async () => {
    await using a = await connect();
    await using b = await connect();
    await a.settings.createTenant(acme);
    await until(b.settings, ({ revision }) => revision === 1);
    await admin.hset('{culvert}:settings', 'revision', 7); // no hint
    await b.beat({ node: nodeOf({ role: 'api' }), load: READY });
    await until(b.settings, ({ revision }) => revision === 7);
  });

  it('a keeper saves each change; after FLUSHALL and a restart keys still work and revoked stays revoked', async () => {
    const file = new SnapshotFile(join(directory, 'keeper', 'settings.json'));
    const revoked = { ...key, revokedAt: 7 };
    {
      await using registry = await connect();
      const stop = new AbortController();
      const options = { registry, file, signal: stop.signal, logger: silentLogger, checkEveryMs: 20 };
      const keeper = await keepSettings(options);
      await registry.settings.createTenant(acme);
      await registry.settings.putKey(key);
      await registry.settings.revokeKey('k_1', 7);

      await using other = await connect();
      await admin.flushall();
      while ((await other.settings.load()).revision < 3 || !(await admin.exists('{culvert}:settings')));
      assert.deepEqual(await admin.hvals('{culvert}:settings:keys'), [JSON.stringify(revoked)]);
      stop.abort();
      await keeper.done;
    }
    assert.equal((await stat(file.path)).mode & 0o777, 0o600);

    await admin.flushall();
    await using registry = await connect();
    const stop = new AbortController();
    const keeper = await keepSettings({ registry, file, signal: stop.signal, logger: silentLogger });
    assert.deepEqual(registry.settings.keyByHash(key.hash), revoked); // before Redis was asked
    while (!(await admin.exists('{culvert}:settings:keys')));
    await using fresh = await connect();
    assert.deepEqual(await fresh.settings.load(), { revision: 3, tenants: [acme], keys: [revoked] });
    stop.abort();
    await keeper.done;
  });

  it('a snapshot file is replaced whole, and a broken one is not taken for an empty one', async () => {
    const file = new SnapshotFile(join(directory, 'files', 'settings.json'));
    assert.equal(await file.load(), undefined);
    const saves = [1, 2, 3].map((revision) => file.save({ revision, tenants: [acme], keys: [key] }));
    await Promise.all(saves);
    assert.deepEqual(await file.load(), { revision: 3, tenants: [acme], keys: [key] });
    assert.deepEqual(await readdir(join(directory, 'files')), ['settings.json']);
    const text = await readFile(file.path, 'utf8');
    for (const broken of ['', text.slice(0, -2), text.replace('"format":1', '"format":2')]) {
      await writeFile(file.path, broken);
      await assert.rejects(file.load(), hasCode('config_invalid'));
    }
  });
});
