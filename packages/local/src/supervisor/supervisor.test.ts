import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CulvertError, withDeadline } from '@culvert/base';
import type { LaunchOrder } from '@culvert/contracts';
import { ProcessProvider, providerContract } from '@culvert/deployer/testing';
import { ClusterSecret } from '@culvert/service';
import { type ClusterEvent, type ClusterOptions, resolveOptions } from '../cluster-options.ts';
import { Fleet } from '../fleet.ts';
import { readLog } from '../log-lines.ts';
import { entryOf } from './checkout.ts';
import { pruneLogs } from './old-logs.ts';
import { SupervisorServer } from './server.ts';
import { socketPlace } from './socket-place.ts';
import { Supervisor } from './supervisor.ts';

const entry = fileURLToPath(new URL('../testing/fake-culvert.ts', import.meta.url));
const secretText = 'a secret of the supervisor tests, long enough';
const secret = ClusterSecret.parse(secretText);

/** A fleet of stand-ins with its supervisor, without a cluster. */
async function supervised(more: Partial<ClusterOptions> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'culvert-supervisor-'));
  const logs = join(dataDir, 'logs');
  mkdirSync(logs);
  const events: ClusterEvent[] = [];
  const listeners = new Set<() => void>();
  const onEvent = (event: ClusterEvent): void => {
    events.push(event);
    for (const listener of listeners) listener();
  };
  const options = resolveOptions({ entry, dataDir, onEvent, ...more });
  const redis = { url: 'redis://127.0.0.1:1', prefix: 'none' };
  const fleet = new Fleet({ options, logs, secret: secretText, redis, supervisor: null }, () => undefined);
  const supervisor = new Supervisor({ fleet, logs, onEvent });
  const socket = socketPlace(dataDir).path;
  const server = await SupervisorServer.listen({ socket, supervisor, secret });
  return {
    ...{
      dataDir,
      logs,
      events,
      fleet,
      supervisor,
      socket,
      provider: new ProcessProvider({ supervisor: socket, secret }),
    },
    /** An event that was told, or will be. */
    heard(test: (event: ClusterEvent) => boolean): Promise<void> {
      return withDeadline(20_000, 'an event of the cluster', async () => {
        await new Promise<void>((resolve) => {
          const look = (): void => {
            if (!events.some(test)) return;
            listeners.delete(look);
            resolve();
          };
          listeners.add(look);
          look();
        });
      });
    },
    async end(): Promise<void> {
      await fleet.stop();
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

providerContract('process', async () => {
  const world = await supervised();
  const { id: running } = await world.fleet.start('worker');
  return { provider: world.provider, running, end: () => world.end() };
});

describe('supervisor', () => {
  let world: Awaited<ReturnType<typeof supervised>>;
  before(async () => {
    world = await supervised({ overrides: { worker: { flags: ['--capacity', '7'] } }, restart: true });
  });
  after(() => world.end());

  const order = (id: string, more: Partial<LaunchOrder> = {}): LaunchOrder => ({
    ...{ id, role: 'worker', pool: 'blue', version: '2.0.0', replaces: null, cordoned: true, directory: null },
    ...{ deployment: 'dep_1', fence: 1, ...more },
  });
  /** The arguments that a node was started with. */
  const argsOf = (id: string): string => world.fleet.nodes.get(id)?.process.spec.args.join(' ') ?? '';
  const ready = (id: string): Promise<void> =>
    world.heard(({ event, ...of }) => event === 'process.ready' && matches(of, id));
  const ended = (id: string): Promise<void> =>
    world.heard(({ event, ...of }) => event === 'node.ended' && matches(of, id));

  it('gives a replacement what its predecessor has, and the place beside it', async () => {
    await Promise.all([
      world.fleet.start('worker', { flags: ['--pool', 'blue', '--x', '1'] }),
      world.fleet.start('worker'),
    ]);
    world.supervisor.launch(order('worker-1.aaaa', { replaces: 'worker-1' }));
    assert.equal(world.fleet.workers.length, 2);
    await ready('worker-1.aaaa');
    assert.deepEqual(idsOf(world.fleet.workers), ['worker-1', 'worker-1.aaaa', 'worker-2']);
    assert.match(argsOf('worker-1.aaaa'), /--capacity 7 --pool blue --x 1 --pool blue --cordoned$/);
    assert.equal(world.fleet.workers[1]?.version, '2.0.0');
    world.supervisor.terminate('worker-1', { deployment: 'dep_1', fence: 1, graceMs: 5_000 });
    await ended('worker-1');
    assert.deepEqual(idsOf(world.fleet.workers), ['worker-1.aaaa', 'worker-2']);
    assert.equal((await world.fleet.start('worker')).id, 'worker-3');
    const told = world.events.filter(({ event }) => event.startsWith('node.'));
    assert.deepEqual(told, [
      {
        ...{ event: 'node.launched', role: 'worker', id: 'worker-1.aaaa' },
        version: '2.0.0',
        replaces: 'worker-1',
        deployment: 'dep_1',
      },
      {
        ...{ event: 'node.ended', role: 'worker', id: 'worker-1' },
        version: '0',
        exit: 'it ended with exit code 0',
        deployment: 'dep_1',
      },
    ]);
  });

  it('has a gateway take over the addresses that clients know, and no other', async () => {
    const gateway = await world.fleet.start('gateway');
    world.supervisor.launch(order('gateway-1.aaaa', { role: 'gateway', replaces: 'gateway-1', cordoned: false }));
    const port = new URL(gateway.address('proxy')).host;
    const expected = process.platform === 'linux' ? ` --proxy-listen ${port}` : '';
    assert.ok(argsOf('gateway-1.aaaa').endsWith(`--stop-deadline 8s${expected}`), argsOf('gateway-1.aaaa'));
    assert.equal(gateway.spec.env.CULVERT_REUSE_PORT, process.platform === 'linux' ? 'true' : undefined);
    assert.throws(
      () => world.supervisor.launch(order('worker-2.aaaa', { replaces: 'gateway-1' })),
      /gateway-1 is a gateway, not a worker/,
    );
  });

  it('takes a version from its own checkout, and on the way back the old one from where it was', async () => {
    const other = join(world.dataDir, 'other');
    const path = join('packages', 'cli', 'src', 'main.ts');
    cpSync(entry, join(other, path));
    const entryFor = (id: string): string => world.fleet.nodes.get(id)?.plan.entry ?? '';
    const given = { directory: other, deployment: 'dep_2' };
    world.supervisor.launch(order('worker-2.bbbb', { ...given, replaces: 'worker-2', version: '3.0.0' }));
    assert.equal(entryFor('worker-2.bbbb'), join(other, path));
    // The old one still runs, or its end was ordered: back to what it was started from.
    world.supervisor.launch(order('worker-2.bbbc', { ...given, replaces: 'worker-2.bbbb', version: '0' }));
    assert.equal(entryFor('worker-2.bbbc'), entry);
    await ready('worker-2.bbbb');
    world.supervisor.terminate('worker-2', { deployment: 'dep_2', fence: 1, graceMs: 5_000 });
    await ended('worker-2');
    world.supervisor.launch(order('worker-2.bbbd', { ...given, replaces: 'worker-2', version: '0' }));
    assert.equal(entryFor('worker-2.bbbd'), entry);
    // Another deployment says itself where its version is.
    const next = { directory: other, deployment: 'dep_3', replaces: 'worker-2.bbbb', version: '0' };
    world.supervisor.launch(order('worker-2.cccc', next));
    assert.equal(entryFor('worker-2.cccc'), join(other, path));
    assert.throws(() => entryOf('relative', entry), /no absolute path/);
  });

  it('starts one again that dies after it was ready, and not once its end was ordered', async () => {
    world.supervisor.launch(order('worker-5'));
    await ready('worker-5');
    const { process: node } = world.fleet.nodes.get('worker-5') ?? assert.fail('it is not in the fleet');
    process.kill(node.pid ?? 0, 'SIGKILL');
    await world.heard((event) => event.event === 'process.restart' && event.id === 'worker-5');
    const view = () => world.supervisor.list().find(({ id }) => id === 'worker-5');
    assert.equal(view()?.state, 'starting');
    world.supervisor.terminate('worker-5', { deployment: 'dep_1', fence: 1, graceMs: 5_000 });
    await ended('worker-5');
    assert.equal(view()?.exit, 'it ended with SIGKILL');
    assert.equal(node.pid, undefined);
    assert.equal((await readLog(node.spec.logFile)).filter(({ event }) => event === 'node.ready').length, 1);
  });

  it('asks a node once to end, however often it is told: a second time would mean at once', async () => {
    world.supervisor.launch(order('worker-7', { version: '2.0.0-deaf' }));
    await ready('worker-7');
    const { process: node } = world.fleet.nodes.get('worker-7') ?? assert.fail('it is not in the fleet');
    for (const graceMs of [5_000, 4_000, 300]) {
      world.supervisor.terminate('worker-7', { deployment: 'dep_1', fence: 1, graceMs });
      await node.waitForLog(({ event }) => event === 'node.deaf');
    }
    await ended('worker-7');
    assert.equal((await node.log()).filter(({ event }) => event === 'node.deaf').length, 1);
  });

  it('ends one whose start is under way', async () => {
    world.supervisor.launch(order('worker-6'));
    for (const graceMs of [5_000, 4_000, 3_000]) {
      world.supervisor.terminate('worker-6', { deployment: 'dep_1', fence: 1, graceMs });
    }
    await ended('worker-6');
    assert.equal(world.events.filter((event) => event.event === 'node.ended' && event.id === 'worker-6').length, 1);
    assert.ok(!idsOf(world.fleet.workers).includes('worker-6'));
  });

  it('is there for this user only, and for who holds the secret', async () => {
    assert.equal(statSync(world.socket).mode & 0o777, 0o600);
    const stranger = ClusterSecret.parse('another secret, which is as long as it has to be');
    const foreign = new ProcessProvider({ supervisor: world.socket, secret: stranger });
    await assert.rejects(foreign.list(), (error) => error instanceof CulvertError && error.code === 'provider_failed');
    const away = new ProcessProvider({ supervisor: `${world.socket}.none`, secret });
    await assert.rejects(away.list(), /provider_failed|no supervisor answers at/);
  });

  it('refuses what is no order, and what is too long', async () => {
    const ask = (method: string, path: string, body: string): Promise<number | undefined> =>
      raw(world.socket, method, path, body);
    assert.equal(await ask('POST', '/nodes', '{"id":"../x"}'), 400);
    assert.equal(await ask('POST', '/nodes', 'no json'), 400);
    assert.equal(await ask('POST', '/nodes', 'x'.repeat(100_000)), 413);
    assert.equal(await ask('GET', '/nodes/..%2Fredis/logs', ''), 400);
    assert.equal(await ask('GET', '/elsewhere', ''), 404);
    assert.equal(await ask('GET', '/nodes', ''), 200);
  });
});

describe('what a supervisor leaves', () => {
  let dir = '';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'culvert-leaves-'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('a socket beside the data, or, when that is too deep, in a folder of its own', () => {
    assert.equal(socketPlace(dir).path, join(dir, 'supervisor.sock'));
    const deep = socketPlace(join(dir, 'x'.repeat(100)));
    assert.ok(Buffer.byteLength(deep.path) <= 100);
    assert.equal(statSync(join(deep.path, '..')).mode & 0o777, 0o700);
    deep.remove();
    assert.throws(() => statSync(join(deep.path, '..')), /ENOENT/);
  });

  it('the newest logs of replaced nodes, and all of those that run', async () => {
    const names = ['worker-1.log', 'redis.log', 'worker-1.aaaa.log', 'worker-1.bbbb.log', 'worker-1.cccc.log'];
    for (const [age, name] of names.entries()) {
      writeFileSync(join(dir, name), name);
      utimesSync(join(dir, name), 1_000 + age, 1_000 + age);
    }
    writeFileSync(join(dir, 'worker-1.bbbb.log.1'), '');
    await pruneLogs(dir, new Set(['worker-1.aaaa']), 1);
    assert.deepEqual(readdirSync(dir).toSorted(), [
      'redis.log',
      'worker-1.aaaa.log',
      'worker-1.cccc.log',
      'worker-1.log',
    ]);
  });
});

function matches(event: object, id: string): boolean {
  return 'id' in event && event.id === id;
}

function idsOf(nodes: readonly { readonly id: string }[]): string[] {
  return nodes.map(({ id }) => id);
}

function raw(socketPath: string, method: string, path: string, body: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${secret.mac('supervisor').toString('base64url')}` };
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, headers, agent: false }, (response) => {
      response.resume().on('close', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end(body);
  });
}
