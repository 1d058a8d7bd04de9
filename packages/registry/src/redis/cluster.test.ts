import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asking } from '../testing/asking.ts';
import { documentedAcl } from '../testing/documented-acl.ts';
import { openConnection, type TestConnection } from '../testing/open-connection.ts';
import { startCluster } from '../testing/start-cluster.ts';

const KEYS = 500;

const write = (it: TestConnection): Promise<unknown> =>
  it.connection.command('SET', (redis) =>
    Promise.all(Array.from({ length: KEYS }, (_, index) => redis.set(`{culvert}:${index}`, 'kept'))),
  );

const read = (it: TestConnection): Promise<(string | null)[]> =>
  it.connection.command('MGET', (redis) =>
    redis.mget(Array.from({ length: KEYS }, (_, index) => `{culvert}:${index}`)),
  );

/** Publishes a hint as scripts do and checks that it is heard. */
async function hears(it: TestConnection): Promise<void> {
  const hint = it.hint('node');
  const message = JSON.stringify({ kind: 'node', nodeId: 'w_1' });
  await it.connection.command('SPUBLISH', (redis) => redis.spublish('{culvert}:hints', message));
  assert.deepEqual(await hint, { kind: 'node', nodeId: 'w_1' });
}

describe('a Redis Cluster', () => {
  it('is asked for the server that has our slot; a slot that moves is followed, commands and hints', async () => {
    await using cluster = await startCluster();
    await using it = openConnection(cluster.url);
    await it.usable();
    assert.equal(it.connection.address.form, 'cluster');
    const portOf = async (): Promise<number> => Number(new URL(await cluster.urlOf('{culvert}:nodes')).port);
    assert.equal(await it.port(), await portOf());
    await write(it);
    await hears(it);

    const [silent, reset] = [it.hint('silent'), it.hint('reset')];
    const refusals = new Set<string>();
    await cluster.migrateSlotOf('{culvert}:nodes', {
      afterBatch: async () => {
        const outcome = await read(it).then(
          String,
          (error: Error & { code?: string }) => `${error.code} ${error.message}`,
        );
        refusals.add(outcome.replace(/^(\w+) .*(being moved).*$/, '$1 $2'));
      },
    });
    assert.deepEqual([...refusals], ['registry_unavailable being moved']);
    await Promise.all([silent, reset]);
    await read(it).catch(() => 'the first command hears that the slot has moved');
    await it.usable();
    assert.equal(await it.port(), await portOf());
    assert.ok((await read(it)).every((value) => value === 'kept'));
    await hears(it);
  });

  it('whose primary of our slot is killed: its replica is found', async () => {
    await using cluster = await startCluster({ replicas: true });
    await using it = openConnection(cluster.url);
    await it.usable();
    const old = await it.port();
    const down = it.down(/./);
    await cluster.killPrimaryOf('{culvert}:nodes');
    await down;
    await it.usable();
    assert.notEqual(await it.port(), old);
    await write(it);
    await hears(it);
  });

  it('takes a user with the documented rights, and names what that user lacks without those for clusters', async () => {
    await using cluster = await startCluster();
    const [, ...hosts] = cluster.url.split('://');
    const url = `redis+cluster://culvert:not-a-secret@${hosts.join('')}`;
    const setUser = async (...rules: string[]): Promise<void> => {
      for (const [, port = 0] of cluster.url.matchAll(/:(\d+)/g)) {
        await asking(Number(port), (redis) => redis.acl('SETUSER', 'culvert', 'on', '>not-a-secret', ...rules));
      }
    };
    await setUser(...documentedAcl('culvert'));
    await using it = openConnection(url);
    await it.down(/its user may not do all that Culvert needs.*cluster\|/);
    await setUser('+spublish', '+ssubscribe', '+cluster|info', '+cluster|keyslot', '+cluster|slots');
    await it.usable();
    await hears(it);
  });

  it('that is not whole is refused, and so is a URL that does not say that it is one', async () => {
    await using cluster = await startCluster();
    await using plain = openConnection(await cluster.urlOf('{culvert}:nodes'));
    await plain.down(/belongs to a cluster; the URL must start with redis\+cluster/);
    await using it = openConnection(cluster.url);
    await it.usable();
    const down = it.down(/cluster_state is not ok|not whole/);
    await cluster.killPrimaryOf('{elsewhere-5}:x');
    await down;
  });
});
