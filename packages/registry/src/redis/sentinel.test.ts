import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asking } from '../testing/asking.ts';
import { hasCode } from '../testing/fixtures.ts';
import { openConnection, type TestConnection } from '../testing/open-connection.ts';
import { startSentinel } from '../testing/start-sentinel.ts';

const set = (it: TestConnection, key: string): Promise<unknown> =>
  it.connection.command('SET', (redis) => redis.set(`{culvert}:${key}`, 'kept'));
const get = (it: TestConnection, key: string): Promise<unknown> =>
  it.connection.command('GET', (redis) => redis.get(`{culvert}:${key}`));

describe('a primary that sentinels watch', () => {
  it('is found; after a failover in order the next one is, with its data, and hints are told to be unheard between', async () => {
    await using sentinel = await startSentinel();
    await using it = openConnection(sentinel.url);
    await it.usable();
    assert.equal(it.connection.address.form, 'sentinel');
    await set(it, 'before');
    const old = await it.port();
    const [silent, reset] = [it.hint('silent'), it.hint('reset')];
    await Promise.all([sentinel.failOver(), silent, reset]);
    await it.usable();
    assert.notEqual(await it.port(), old);
    assert.equal(await get(it, 'before'), 'kept');
    await set(it, 'after');
    const hint = it.hint('node');
    const message = JSON.stringify({ kind: 'node', nodeId: 'w_1' });
    await it.connection.command('PUBLISH', (redis) => redis.publish('{culvert}:hints', message));
    assert.deepEqual(await hint, { kind: 'node', nodeId: 'w_1' });
  });

  it('killed: commands fail at once, the replica is found, without the writes that it never got', async () => {
    await using sentinel = await startSentinel();
    await using it = openConnection(sentinel.url);
    await it.usable();
    const old = await it.port();
    await set(it, 'replicated');
    await sentinel.cutReplication();
    await set(it, 'lost');
    const down = it.down(/./);
    await sentinel.killPrimary();
    await down;
    await assert.rejects(get(it, 'replicated'), hasCode('registry_unavailable'));
    await it.usable();
    assert.ok(Math.abs((it.clock.in(0) ?? 0) - Date.now()) < 2_000);
    assert.notEqual(await it.port(), old);
    assert.deepEqual([await get(it, 'replicated'), await get(it, 'lost')], ['kept', null]);
  });

  it('frozen: is left as soon as the sentinels have another, and when it wakes nobody goes back', async () => {
    await using sentinel = await startSentinel();
    await using it = openConnection(sentinel.url);
    await it.usable();
    const old = await it.port();
    const down = it.down(/does not answer in time|another server is the primary/);
    sentinel.freezePrimary();
    await assert.rejects(get(it, 'frozen'), hasCode('registry_unavailable'));
    await down;
    await it.usable();
    const now = await it.port();
    assert.notEqual(now, old);
    await sentinel.promoted();
    await sentinel.oldPrimaryComesBack();
    await using fresh = openConnection(sentinel.url);
    await fresh.usable();
    assert.deepEqual([await fresh.port(), await it.port()], [now, now]);
  });

  it('is found while a sentinel is away; what is wrong is told in words, a replica that is named itself among it', async () => {
    await using sentinel = await startSentinel();
    const [first = 0] = sentinel.sentinelPorts;
    const absent = '127.0.0.1:1';
    await using one = openConnection(`redis+sentinel://${absent},127.0.0.1:${first}/primary`);
    await one.usable();
    await using none = openConnection(`redis+sentinel://${absent}/primary`);
    await none.down(/^no sentinel says where the primary is: nothing listens there/);
    await using other = openConnection(`redis+sentinel://127.0.0.1:${first}/other`);
    await other.down(/the sentinels know no primary "other"/);
    const primary = Number(new URL(await sentinel.primaryUrl()).port);
    await using replica = openConnection(`redis://127.0.0.1:${sentinel.serverPorts.find((port) => port !== primary)}`);
    await replica.down(/read-only replica; the URL must name the primary/);
  });

  it('is found through sentinels that ask for a login, with the documented rights', async () => {
    await using sentinel = await startSentinel();
    const rights = [
      'on',
      '>not-a-secret',
      '-@all',
      '+sentinel|get-master-addr-by-name',
      '+subscribe',
      '&+switch-master',
    ];
    for (const port of sentinel.sentinelPorts) {
      await asking(port, (redis) => redis.call('ACL', 'SETUSER', 'culvert', 'reset', ...rights));
      await asking(port, (redis) => redis.call('ACL', 'SETUSER', 'default', 'resetpass'));
    }
    await using refused = openConnection(sentinel.url);
    await refused.down(/it refuses the login/);
    await using it = openConnection(`${sentinel.url}?sentinel_user=culvert&sentinel_password=not-a-secret`);
    await it.usable();
  });
});
